import CaffeTesting
import Testing

@Suite("Slice")
struct SliceLayerTests {
  @Test("keeps the contract of layers, evenly and at points")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Slice'", ["x": [2, 6, 3]], tops: ["a", "b", "c"]))
    let points = "slice_param { axis: 2 slice_point: 1 slice_point: 4 }"
    try LayerCheck.all(LayerCheck.net("type: 'Slice' \(points)", ["x": [2, 3, 6]], tops: ["a", "b", "c"]))
    try LayerCheck.all(LayerCheck.net("type: 'Slice' slice_param { slice_dim: 0 }", ["x": [4, 2]], tops: ["a", "b"]))
    try LayerCheck.all(LayerCheck.net("type: 'Slice' slice_param { axis: -1 }", ["x": [4, 2]], tops: ["a"]))
  }

  @Test("cuts at its points")
  func values() throws {
    let layer = try OneLayer(
      "type: 'Slice' slice_param { slice_point: 1 }", ["x": .of([2, 3], [1, 2, 3, 4, 5, 6])], tops: ["y", "z"])
    #expect(try layer.forward() == [1, 4])
    #expect(layer.top("z")?.values == [2, 3, 5, 6])
    #expect(try layer.backward(from: [7, 8]) == [7, 0, 0, 8, 0, 0])
  }

  @Test("refuses extents that do not divide and points that do not fit")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'Slice' slice_param { \(parameters) }", ["x": [2, 5]], tops: ["a", "b"]) ?? "none"
    }
    #expect(mistake("").contains("an extent of 5 does not divide into 2 even slices"))
    #expect(mistake("slice_point: 5").contains("slice_point must lie between 0 and the extent 5"))
    #expect(mistake("slice_point: 1 slice_point: 2").contains("2 tops need 1 slice_point, 2 given"))
  }
}
