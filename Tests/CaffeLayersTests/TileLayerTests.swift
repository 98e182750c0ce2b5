import CaffeTesting
import Testing

@Suite("Tile")
struct TileLayerTests {
  @Test("keeps the contract of layers", arguments: ["tiles: 3", "axis: 0 tiles: 2", "axis: -1 tiles: 1"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Tile' tile_param { \(parameters) }", ["x": [2, 3, 4]]))
  }

  @Test("repeats along the axis, and adds the repetitions' gradients")
  func values() throws {
    let layer = try OneLayer("type: 'Tile' tile_param { tiles: 2 }", ["x": .of([2, 2], [1, 2, 3, 4])])
    #expect(try layer.forward() == [1, 2, 1, 2, 3, 4, 3, 4])
    #expect(try layer.backward(from: [1, 2, 3, 4, 5, 6, 7, 8]) == [4, 6, 12, 14])
    let inner = try OneLayer("type: 'Tile' tile_param { axis: 2 tiles: 2 }", ["x": .of([1, 2, 1], [1, 2])])
    #expect(try inner.forward() == [1, 1, 2, 2])
  }

  @Test("refuses fewer than one repetition", arguments: ["", "tiles: 0", "tiles: -1"])
  func mistakes(parameters: String) {
    let mistake = OneLayer.mistake("type: 'Tile' tile_param { \(parameters) }", ["x": [2, 3]])
    #expect(mistake?.contains("tiles must be at least 1") == true)
  }
}
