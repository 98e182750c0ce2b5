import CaffeTesting
import Testing

@Suite("L1Loss")
struct L1LossLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "loss_weight: 2.5"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'L1Loss' \(parameters)", ["a": [4, 3, 2], "b": [4, 3, 2]])
    // Apart by more than the steps: there is no derivative where they are equal.
    try LayerCheck.all(net, values: ["a": .uniform(0.5...2), "b": .uniform(-2...0)])
  }

  @Test("is the distance an item, pulls both sides alike, and not where they agree")
  func values() throws {
    let layer = try OneLayer("type: 'L1Loss'", ["x": .of([2, 2], [1, -2, 3, 4]), "t": .of([2, 2], [0, 0, 3, 2])])
    #expect(try layer.forward() == [2.5])
    #expect(try layer.backward() == [0.5, -0.5, 0, 0.5])
    #expect(try layer.backward("t") == [-0.5, 0.5, 0, -0.5])
  }

  @Test("refuses bottoms of unlike sizes")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'L1Loss'", ["a": [2, 3], "b": [2, 4]])
    #expect(mistake?.contains("as many items of the same size, found 2x3 and 2x4") == true)
  }
}
