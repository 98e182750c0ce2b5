import CaffeCore
import CaffeTesting
import Testing

@Suite("Deconvolution")
struct DeconvolutionLayerTests {
  private static let images = [
    "kernel_size: 3", "kernel_size: 1", "kernel_size: 4 pad: 1 stride: 2", "kernel_h: 1 kernel_w: 5 pad_h: 0 pad_w: 2",
    "kernel_size: 3 dilation: 2 pad: 2", "kernel_size: 3 bias_term: false", "kernel_size: 3 group: 2", "kernel_size: 2 group: 4",
    "kernel_size: 2 stride_h: 1 stride_w: 3", "kernel_size: 1 stride: 3",
  ]

  @Test("keeps the contract of layers on images", arguments: images)
  func contract(window: String) throws {
    let net = LayerCheck.net("type: 'Deconvolution' convolution_param { num_output: 4 \(window) }", ["x": [2, 4, 4, 3]])
    try LayerCheck.all(net)
  }

  @Test("keeps the contract of layers on lines and volumes, and with several bottoms")
  func otherAxes() throws {
    let line = "type: 'Deconvolution' convolution_param { num_output: 3 kernel_size: 3 pad: 1 stride: 2 }"
    try LayerCheck.all(LayerCheck.net(line, ["x": [2, 3, 5]]))
    let volume = "type: 'Deconvolution' convolution_param { num_output: 2 kernel_size: 2 stride: 2 }"
    try LayerCheck.all(LayerCheck.net(volume, ["x": [2, 3, 2, 3, 2]]))
    let axis = "type: 'Deconvolution' convolution_param { num_output: 4 kernel_size: 2 axis: 2 }"
    try LayerCheck.all(LayerCheck.net(axis, ["x": [2, 2, 3, 2, 3]]))
    let several = "type: 'Deconvolution' convolution_param { num_output: 2 kernel_size: 3 }"
    try LayerCheck.all(LayerCheck.net(several, ["a": [2, 3, 3, 2], "b": [2, 3, 3, 2]], tops: ["y", "z"]))
  }

  @Test("spreads each element over the filter's size")
  func values() throws {
    let layer = try OneLayer(
      "type: 'Deconvolution' convolution_param { num_output: 1 kernel_h: 1 kernel_w: 2 }", ["x": .of([1, 1, 1, 2], [1, 10])],
      weights: [[1, 2], [0.5]])
    #expect(try layer.forward() == [1.5, 12.5, 20.5])
    #expect(try layer.backward(from: [1, 2, 3]) == [5, 8])
    #expect(try layer.gradient(ofParameter: 0) == [21, 32])
    #expect(try layer.gradient(ofParameter: 1) == [6])
    let apart = try OneLayer(
      "type: 'Deconvolution' convolution_param { num_output: 1 kernel_size: 2 stride: 3 bias_term: false }",
      ["x": .of([1, 1, 2], [1, 10])], weights: [[1, 2]])
    #expect(try apart.forward() == [1, 2, 0, 10, 20])
  }

  @Test("keeps groups apart, its filters being Cin x Cout/g")
  func groups() throws {
    let layer = try OneLayer(
      "type: 'Deconvolution' convolution_param { num_output: 4 kernel_size: 1 group: 2 bias_term: false }",
      ["x": .of([1, 2, 1], [1, 10])], weights: [[1, 2, 3, 4]])
    #expect(try layer.forward() == [1, 2, 30, 40])
  }

  @Test("refuses what cannot be computed")
  func mistakes() {
    func mistake(_ parameters: String, _ shape: Shape = [1, 4, 5, 5]) -> String {
      OneLayer.mistake("type: 'Deconvolution' convolution_param { \(parameters) }", ["x": shape]) ?? "none"
    }
    #expect(mistake("kernel_size: 3").contains("num_output must be at least 1"))
    #expect(mistake("num_output: 3 kernel_size: 3 group: 3").contains("4 input channels do not split into 3 group(s)"))
    #expect(mistake("num_output: 3").contains("kernel_size is missing"))
    #expect(
      mistake("num_output: 3 kernel_size: 1 pad: 3", [1, 4, 5]).contains(
        "5 position(s) cover 5, which a pad of 3 leaves nothing of along spatial axis 0"))
    #expect(mistake("num_output: 3 kernel_size: 1", [1, 4, 0]).contains("0 position(s) cover 0"))
  }
}
