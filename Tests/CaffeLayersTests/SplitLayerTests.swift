import CaffeTesting
import Testing

@Suite("Split")
struct SplitLayerTests {
  @Test("keeps the contract of layers for one top and for several", arguments: [["y"], ["y", "z"], ["y", "z", "u"]])
  func contract(tops: [String]) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Split'", ["x": [2, 3, 4]], tops: tops))
  }

  @Test("gives every top the values")
  func values() throws {
    let layer = try OneLayer("type: 'Split'", ["x": .of([2], [1, 2])], tops: ["y", "z"])
    #expect(try layer.forward() == [1, 2])
    #expect(layer.top("z")?.values == [1, 2])
  }
}
