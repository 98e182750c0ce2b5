import CaffeTesting
import Testing

@Suite("Scale")
struct ScaleLayerTests {
  private static let variants = [
    "", "bias_term: true", "axis: 0 num_axes: 2", "axis: 2 num_axes: -1 bias_term: true", "num_axes: 0 bias_term: true",
    "axis: -1",
  ]

  @Test("keeps the contract of layers with learned factors", arguments: variants)
  func learned(parameters: String) throws {
    let net = LayerCheck.net("type: 'Scale' scale_param { \(parameters) }", ["x": [2, 3, 4, 5]])
    try LayerCheck.all(net)
  }

  @Test("keeps the contract of layers with factors from a second bottom")
  func bottom() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Scale'", ["x": [2, 3, 4, 5], "s": [3, 4]]))
    let first = LayerCheck.net("type: 'Scale' scale_param { axis: 0 bias_term: true }", ["x": [2, 3, 4], "s": [2]])
    try LayerCheck.all(first)
    try LayerCheck.all(LayerCheck.net("type: 'Scale' scale_param { axis: 0 }", ["x": [2, 3], "s": [2, 3]]))
  }

  @Test("starts with factor 1 and shift 0, and repeats both along the other axes")
  func values() throws {
    let fresh = try OneLayer("type: 'Scale' scale_param { bias_term: true }", ["x": .of([1, 2, 2], [1, 2, 3, 4])])
    #expect(try fresh.forward() == [1, 2, 3, 4])
    let layer = try OneLayer(
      "type: 'Scale' scale_param { bias_term: true }", ["x": .of([1, 2, 2], [1, 2, 3, 4])], weights: [[2, 10], [1, -1]])
    #expect(try layer.forward() == [3, 5, 29, 39])
    #expect(try layer.backward(from: [1, 1, 1, 2]) == [2, 2, 10, 20])
    #expect(try layer.gradient(ofParameter: 0) == [3, 11])
    #expect(try layer.gradient(ofParameter: 1) == [2, 3])
  }

  @Test("refuses factors that do not fit")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'Scale'", ["x": [2, 3, 4], "s": [4]])
    #expect(mistake?.contains("the scale has shape 4 where 3 is needed") == true)
  }
}
