import CaffeCore
import CaffeTesting
import Testing

@Suite("Axpy")
struct AxpyLayerTests {
  @Test("keeps the contract of layers", arguments: [Shape([2, 3, 1, 1]), [2, 3]])
  func contract(scale: Shape) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Axpy'", ["s": scale, "x": [2, 3, 4, 5], "b": [2, 3, 4, 5]]))
    try LayerCheck.all(LayerCheck.net("type: 'Axpy'", ["s": scale, "x": [2, 3], "b": [2, 3]]))
  }

  @Test("scales planes and adds, and sends gradients to all three")
  func values() throws {
    let layer = try OneLayer(
      "type: 'Axpy'",
      ["s": .of([1, 2], [2, -1]), "x": .of([1, 2, 1, 2], [1, 2, 3, 4]), "b": .of([1, 2, 1, 2], [10, 20, 30, 40])])
    #expect(try layer.forward() == [12, 24, 27, 36])
    #expect(try layer.backward("s", from: [1, 2, 3, 4]) == [5, 25])
    #expect(try layer.backward("x", from: [1, 2, 3, 4]) == [2, 4, -3, -4])
    #expect(try layer.backward("b", from: [1, 2, 3, 4]) == [1, 2, 3, 4])
  }

  @Test("refuses what does not fit")
  func mistakes() {
    func mistake(_ scale: Shape, _ x: Shape, _ y: Shape) -> String {
      OneLayer.mistake("type: 'Axpy'", ["s": scale, "x": x, "b": y]) ?? "none"
    }
    #expect(mistake([2, 3], [2, 3, 4], [2, 3, 5]).contains("must have the same shape, found 2x3x4 and 2x3x5"))
    #expect(
      mistake([2, 4], [2, 3, 4], [2, 3, 4]).contains("2x3x4 needs one scale for each of its items and channels, found 2x4"))
    #expect(mistake([2, 3, 4], [2, 3, 4], [2, 3, 4]).contains("found 2x3x4"))
  }
}
