import CaffeCore
import CaffeTesting
import Testing

@Suite("Convolution")
struct ConvolutionLayerTests {
  private static let images: [String] = [
    "kernel_size: 3", "kernel_size: 1", "kernel_size: 3 pad: 1 stride: 2", "kernel_h: 1 kernel_w: 5 pad_h: 0 pad_w: 2",
    "kernel_size: 3 dilation: 2 pad: 2", "kernel_size: 3 bias_term: false", "kernel_size: 3 group: 2",
    "kernel_size: 3 group: 4 pad: 1", "kernel_size: 2 stride_h: 1 stride_w: 3",
    "kernel_size: 1 stride: 2 group: 2 bias_term: false",
    "kernel_size: 5 pad: 4 stride: 3", "kernel_size: 3 kernel_size: 2 pad: 1 pad: 0 dilation: 1 dilation: 2",
  ]

  @Test("keeps the contract of layers on images", arguments: images)
  func contract(window: String) throws {
    let net = LayerCheck.net("type: 'Convolution' convolution_param { num_output: 4 \(window) }", ["x": [2, 4, 7, 6]])
    try LayerCheck.all(net)
  }

  @Test("keeps the contract of layers on lines and volumes")
  func otherAxes() throws {
    let line = LayerCheck.net(
      "type: 'Convolution' convolution_param { num_output: 3 kernel_size: 3 pad: 1 stride: 2 }", ["x": [2, 3, 9]])
    try LayerCheck.all(line)
    let volume = LayerCheck.net(
      "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 2 pad: 1 }", ["x": [2, 3, 4, 3, 5]])
    try LayerCheck.all(volume)
    let axis = LayerCheck.net(
      "type: 'Convolution' convolution_param { num_output: 4 kernel_size: 2 axis: 2 }", ["x": [2, 2, 3, 4, 5]])
    try LayerCheck.all(axis)
  }

  @Test("keeps the contract of layers with several bottoms under one set of filters")
  func severalBottoms() throws {
    let net = LayerCheck.net(
      "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 }", ["a": [2, 3, 5, 4], "b": [2, 3, 5, 4]],
      tops: ["y", "z"])
    try LayerCheck.all(net)
  }

  @Test("correlates: the filter is not turned round", arguments: [false, true])
  func values(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Convolution' convolution_param { num_output: 1 kernel_h: 1 kernel_w: 2 }", ["x": .of([1, 1, 1, 3], [1, 10, 100])],
      weights: [[1, 2], [0.5]], fast: fast)
    #expect(try layer.forward() == [21.5, 210.5])
    #expect(try layer.backward(from: [1, 3]) == [1, 5, 6])
    #expect(try layer.gradient(ofParameter: 0) == [31, 310])
    #expect(try layer.gradient(ofParameter: 1) == [4])
  }

  @Test("takes DeepLab's holes for dilation", arguments: ["hole: 2", "hole_h: 2 hole_w: 2", "dilation: 2"])
  func holes(words: String) throws {
    let net = LayerCheck.net(
      "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 3 pad: 2 \(words) }", ["x": [2, 2, 5, 6]])
    try LayerCheck.all(net)
    let layer = try OneLayer(
      "type: 'Convolution' convolution_param { num_output: 1 kernel_h: 1 kernel_w: 2 bias_term: false \(words) }",
      ["x": .of([1, 1, 1, 4], [1, 10, 100, 1000])], weights: [[1, 2]])
    #expect(try layer.forward() == [201, 2010])
  }

  @Test("keeps groups apart", arguments: [false, true])
  func groups(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Convolution' convolution_param { num_output: 2 kernel_size: 1 group: 2 bias_term: false }",
      ["x": .of([1, 2, 1, 2], [1, 2, 10, 20])], weights: [[3, 5]], fast: fast)
    #expect(try layer.forward() == [3, 6, 50, 100])
  }

  @Test("refuses what cannot be computed")
  func mistakes() {
    func mistake(_ parameters: String, _ shape: Shape = [1, 4, 5, 5]) -> String {
      OneLayer.mistake("type: 'Convolution' convolution_param { \(parameters) }", ["x": shape]) ?? "none"
    }
    #expect(mistake("kernel_size: 3").contains("num_output must be at least 1"))
    #expect(mistake("num_output: 3 kernel_size: 3 group: 2").contains("num_output 3 is no multiple of group 2"))
    #expect(mistake("num_output: 3 kernel_size: 3 group: 3").contains("4 input channels do not split into 3 group(s)"))
    #expect(
      mistake("num_output: 3 kernel_size: 7").contains("the kernel covers 7 but the padded input only 5 along spatial axis 0"))
    #expect(mistake("num_output: 3 kernel_h: 3").contains("kernel_h and kernel_w go together"))
    #expect(mistake("num_output: 3 kernel_h: 1 kernel_w: 1", [1, 4, 5]).contains("are for 2 spatial axes, here are 1"))
    #expect(mistake("num_output: 3 kernel_size: 1 stride: 0").contains("stride must be at least 1"))
    #expect(mistake("num_output: 3 kernel_size: 1 hole: 0").contains("hole must be at least 1"))
    #expect(mistake("num_output: 3 kernel_size: 1 hole: 2 dilation: 2").contains("hole is another word for dilation"))
    #expect(mistake("num_output: 3 kernel_size: 1 hole: 2 hole_h: 2").contains("give hole or hole_h and hole_w, not both"))
    #expect(mistake("num_output: 3 kernel_size: 1 hole_w: 2", [1, 4, 5]).contains("are for 2 spatial axes, here are 1"))
  }
}
