import CaffeTesting
import Testing

@Suite("EuclideanLoss")
struct EuclideanLossLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "loss_weight: 2.5"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'EuclideanLoss' \(parameters)", ["a": [4, 3, 2], "b": [4, 3, 2]])
    try LayerCheck.all(net)
  }

  @Test("is half the squared distance an item, and pulls both sides")
  func values() throws {
    let layer = try OneLayer("type: 'EuclideanLoss'", ["x": .of([2, 2], [1, 2, 3, 4]), "t": .of([2, 2], [0, 0, 3, 2])])
    #expect(try layer.forward() == [2.25])
    #expect(try layer.backward() == [0.5, 1, 0, 1])
    #expect(try layer.backward("t") == [-0.5, -1, 0, -1])
  }

  @Test("refuses bottoms of unlike sizes")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'EuclideanLoss'", ["a": [2, 3], "b": [2, 4]])
    #expect(mistake?.contains("as many items of the same size, found 2x3 and 2x4") == true)
  }
}
