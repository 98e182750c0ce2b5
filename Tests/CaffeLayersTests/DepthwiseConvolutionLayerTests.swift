import CaffeCore
import CaffeTesting
import Testing

@Suite("DepthwiseConvolution")
struct DepthwiseConvolutionLayerTests {
  private static let windows = [
    "num_output: 4 group: 4 kernel_size: 3 pad: 1", "num_output: 8 group: 4 kernel_size: 3 stride: 2 bias_term: false",
  ]

  @Test("keeps the contract of layers, and leaves the work to the backends", arguments: windows)
  func contract(window: String) throws {
    let net = LayerCheck.net("type: 'DepthwiseConvolution' convolution_param { \(window) }", ["x": [2, 4, 7, 6]])
    try LayerCheck.all(net)
  }

  @Test("gives each channel a filter of its own", arguments: [false, true])
  func values(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'DepthwiseConvolution' convolution_param { num_output: 2 group: 2 kernel_h: 1 kernel_w: 2 }",
      ["x": .of([1, 2, 1, 3], [1, 2, 3, 10, 20, 30])], weights: [[1, 2, 3, 4], [0.5, 0]], fast: fast)
    #expect(try layer.forward() == [5.5, 8.5, 110, 180])
    #expect(try layer.backward(from: [1, 0, 0, 1]) == [1, 2, 0, 0, 3, 4])
  }

  @Test("refuses another number of groups than of channels")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'DepthwiseConvolution' convolution_param { kernel_size: 3 \(parameters) }", ["x": [1, 4, 5, 5]])
        ?? "none"
    }
    #expect(mistake("num_output: 4").contains("group 1 is not the number of input channels, 4"))
    #expect(mistake("num_output: 6 group: 4").contains("num_output 6 is no multiple of group 4"))
    #expect(mistake("group: 4").contains("num_output must be at least 1"))
  }
}
