import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

@Suite("ConvolutionDepthwise")
struct ConvolutionDepthwiseLayerTests {
  private static let windows = [
    "kernel_size: 3 pad: 1", "num_output: 4 kernel_size: 3 stride: 2", "num_output: 8 kernel_size: 2 bias_term: false",
    "kernel_h: 1 kernel_w: 3 pad_h: 0 pad_w: 1 group: 4", "kernel_size: 3 dilation: 2",
  ]

  @Test("keeps the contract of layers, and leaves the work to the backends", arguments: windows)
  func contract(window: String) throws {
    let net = LayerCheck.net("type: 'ConvolutionDepthwise' convolution_param { \(window) }", ["x": [2, 4, 7, 6]])
    try LayerCheck.all(net)
  }

  @Test("gives each channel filters of its own", arguments: [false, true])
  func values(fast: Bool) throws {
    func layer(_ parameters: String, _ weights: [[Float]]) throws -> OneLayer {
      try OneLayer(
        "type: 'ConvolutionDepthwise' convolution_param { kernel_h: 1 kernel_w: 2 \(parameters) }",
        ["x": .of([1, 2, 1, 3], [1, 2, 3, 10, 20, 30])], weights: weights, fast: fast)
    }
    let one = try layer("", [[1, 2, 3, 4], [0.5, 0]])
    #expect(try one.forward() == [5.5, 8.5, 110, 180])
    #expect(try one.backward(from: [1, 0, 0, 1]) == [1, 2, 0, 0, 3, 4])
    #expect(try one.gradient(ofParameter: 0) == [1, 2, 20, 30])
    let two = try layer("num_output: 4 bias_term: false", [[1, 0, 0, 1, 1, 1, 0, 2]])
    #expect(try two.forward() == [1, 2, 2, 3, 30, 50, 40, 60])
  }

  @Test("computes what Convolution does with a group for each channel")
  func convolution() throws {
    func values(_ type: String, _ group: String) throws -> [Float] {
      let x = Tensor([2, 3, 5, 4]) { for i in $0.indices { $0[i] = Float(i * 37 % 11) - 5 } }
      return try OneLayer(
        "type: '\(type)' convolution_param { num_output: 6 kernel_size: 3 pad: 1 \(group) weight_filler { type: 'xavier' } }",
        ["x": x], seed: 3
      ).forward()
    }
    #expect(try values("ConvolutionDepthwise", "") == values("Convolution", "group: 3"))
  }

  @Test("is a grouped convolution to the backends")
  func primitive() throws {
    let text = "layer { name: 'l' type: 'ConvolutionDepthwise' bottom: 'x' top: 'y' convolution_param { kernel_size: 3 } }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema).layers[0]
    let context = LayerContext(definition: definition, phase: .TEST)
    let layer = try ConvolutionDepthwiseLayer(definition.parameters(ConvolutionParameters.self), in: context)
    guard case .convolution(let geometry) = try layer.signature(of: [[2, 4, 8, 8]]).primitive else {
      Issue.record("there is no such primitive")
      return
    }
    #expect((geometry.group, geometry.inputChannels, geometry.outputChannels) == (4, 4, 4))
  }

  @Test("refuses filters that cannot be shared out")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'ConvolutionDepthwise' convolution_param { \(parameters) }", ["x": [1, 4, 5, 5]]) ?? "none"
    }
    #expect(mistake("num_output: 6 kernel_size: 3").contains("num_output 6 is no multiple of the 4 input channels"))
    #expect(mistake("group: 2 kernel_size: 3").contains("group 2 is not the number of input channels, 4"))
    #expect(mistake("num_output: 4").contains("kernel_size is missing"))
    #expect(mistake("group: 0 kernel_size: 3").contains("group must be at least 1"))
  }
}
