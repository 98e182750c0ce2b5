import CaffeTesting
import Testing

@Suite("Bias")
struct BiasLayerTests {
  @Test(
    "keeps the contract of layers with learned shifts",
    arguments: ["", "axis: 0 num_axes: 2", "axis: 2 num_axes: -1", "num_axes: 0", "axis: -1"])
  func learned(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Bias' bias_param { \(parameters) }", ["x": [2, 3, 4, 5]]))
  }

  @Test("keeps the contract of layers with shifts from a second bottom")
  func bottom() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Bias'", ["x": [2, 3, 4, 5], "b": [3, 4]]))
    try LayerCheck.all(LayerCheck.net("type: 'Bias' bias_param { axis: 0 }", ["x": [2, 3], "b": [2, 3]]))
    try LayerCheck.all(LayerCheck.net("type: 'Bias'", ["x": [2, 3], "b": []]))
  }

  @Test("adds a channel's shift to all of its elements")
  func values() throws {
    let layer = try OneLayer("type: 'Bias'", ["x": .of([1, 2, 2], [1, 2, 3, 4])], weights: [[10, 20]])
    #expect(try layer.forward() == [11, 12, 23, 24])
    #expect(try layer.backward(from: [1, 2, 3, 4]) == [1, 2, 3, 4])
    #expect(try layer.gradient(ofParameter: 0) == [3, 7])
  }

  @Test("refuses shifts that do not fit")
  func mistakes() {
    let shape = OneLayer.mistake("type: 'Bias'", ["x": [2, 3, 4], "b": [4]])
    #expect(shape?.contains("the bias has shape 4 where 3 is needed") == true)
    let axes = OneLayer.mistake("type: 'Bias' bias_param { num_axes: 3 }", ["x": [2, 3]])
    #expect(axes?.contains("a bias of 3 axes from axis 1 on does not fit a bottom of 2 axes") == true)
    let negative = OneLayer.mistake("type: 'Bias' bias_param { num_axes: -2 }", ["x": [2, 3]])
    #expect(negative?.contains("num_axes must be -1 or more") == true)
  }
}
