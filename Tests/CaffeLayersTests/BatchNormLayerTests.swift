import CaffeCore
import CaffeFormat
import CaffeTesting
import Testing

@Suite("BatchNorm")
struct BatchNormLayerTests {
  @Test("keeps the contract of layers with the batch's statistics and with stored ones")
  func contract() throws {
    for parameters in [
      "", "batch_norm_param { eps: 0.1 moving_average_fraction: 0.5 }", "batch_norm_param { use_global_stats: true }",
    ] {
      let net = LayerCheck.net("type: 'BatchNorm' \(parameters)", ["x": [4, 3, 3, 2]])
      try LayerCheck.all(net)
    }
    try LayerCheck.all(LayerCheck.net("type: 'BatchNorm'", ["x": [3, 4, 2, 2]]), phase: .TEST)
    try LayerCheck.all(LayerCheck.net("type: 'BatchNorm'", ["x": [9, 4]]))
  }

  @Test("decays its running sums and corrects the variance as Bessel does")
  func statistics() throws {
    let layer = try OneLayer(
      "type: 'BatchNorm' batch_norm_param { moving_average_fraction: 0.5 eps: 0 }", ["x": .of([4, 1], [1, 3, 5, 7])],
      weights: [[2], [3], [1]], phase: .TRAIN)
    // mean 4, variance 5, times 4/3
    #expect(isClose(try layer.forward(), [-3, -1, 1, 3].map { $0 / Float(5).squareRoot() }))
    #expect(isClose(try layer.parameter(0), [0.5 * 2 + 4]))
    #expect(isClose(try layer.parameter(1), [0.5 * 3 + 20.0 / 3]))
    #expect(isClose(try layer.parameter(2), [0.5 * 1 + 1]))
  }

  @Test("divides the stored sums by their factor in testing, and leaves them alone")
  func stored() throws {
    let layer = try OneLayer(
      "type: 'BatchNorm' batch_norm_param { eps: 0 }", ["x": .of([2, 1], [1, 6])], weights: [[4], [8], [2]], phase: .TEST)
    #expect(isClose(try layer.forward(), [-0.5, 2]))
    #expect(try layer.parameter(0) == [4])
  }

  private static let learned = [
    "scale_bias: true", "scale_filler { value: 2 }", "bias_filler { value: 2 } moving_average_fraction: 0.5",
    "use_weight_bias: true filler { value: 2 } bias_filler { value: 1 } engine: MKLDNN", "use_weight_bias: true bias_term: false",
  ]

  @Test("keeps the contract of layers with a learned scale and shift of its own", arguments: learned)
  func learnedContract(parameters: String) throws {
    for shape: Shape in [[4, 3, 3, 2], [9, 4]] {
      let net = LayerCheck.net("type: 'BatchNorm' batch_norm_param { \(parameters) }", ["x": shape])
      try LayerCheck.all(net)
      try LayerCheck.all(net, phase: .TEST)
    }
  }

  private static func layer(_ parameters: String, _ weights: [[Float]], _ phase: Phase) throws -> OneLayer {
    try OneLayer(
      "type: 'BatchNorm' batch_norm_param { \(parameters) }", ["x": .of([4, 1], [1, 3, 5, 7])], weights: weights, phase: phase)
  }

  @Test("keeps averages, as NVIDIA does, that begin with the first batch")
  func averages() throws {
    let settings = "scale_bias: true moving_average_fraction: 0.75 eps: 0.00001"
    let layer = try Self.layer(settings, [[2], [8], [1], [2], [10]], .TRAIN)
    // mean 4, variance 5, times 4/3
    #expect(isClose(try layer.forward(), [-3, -1, 1, 3].map { 2 * $0 / Float(5).squareRoot() + 10 }, within: 1e-4))
    #expect(isClose(try layer.parameter(0), [0.75 * 2 + 0.25 * 4]))
    #expect(isClose(try layer.parameter(1), [0.75 * 8 + 0.25 * 20 / 3]))
    #expect(try layer.parameter(2) == [1])
    let new = try Self.layer(settings, [[2], [8], [0], [2], [10]], .TRAIN)
    _ = try new.forward()
    #expect(isClose(try new.parameter(0), [4]))
    #expect(isClose(try new.parameter(1), [20.0 / 3]))
    #expect(try new.parameter(2) == [1])
  }

  @Test("keeps sums, as Intel does, beside a learned scale")
  func sums() throws {
    let layer = try Self.layer("use_weight_bias: true moving_average_fraction: 0.5", [[2], [3], [1], [2], [10]], .TRAIN)
    _ = try layer.forward()
    #expect(isClose(try layer.parameter(0), [0.5 * 2 + 4]))
    #expect(isClose(try layer.parameter(2), [0.5 * 1 + 1]))
  }

  @Test("scales and shifts by what it learned in testing, with NVIDIA's smallest eps")
  func learnedStored() throws {
    let layer = try Self.layer("scale_bias: true", [[6], [8], [2], [2], [10]], .TEST)
    #expect(isClose(try layer.forward(), [8, 10, 12, 14], within: 1e-4))
    #expect(isClose(try layer.backward(from: [1, 2, 3, 4]), [1, 2, 3, 4], within: 1e-4))
    #expect(isClose(try layer.gradient(ofParameter: 3), [10], within: 1e-4))
    #expect(isClose(try layer.gradient(ofParameter: 4), [10]))
    let flat = try Self.layer("scale_bias: true eps: 0", [[3], [0], [1], [0.001], [0]], .TEST)
    #expect(isClose(try flat.forward(), [-2, 0, 2, 4].map { $0 * 0.001 / Float(1e-5).squareRoot() }, within: 1e-4))
  }

  @Test("refuses two forks' words for the same")
  func mistakes() {
    let mistake = OneLayer.mistake(
      "type: 'BatchNorm' batch_norm_param { scale_bias: true use_weight_bias: false }", ["x": [2, 3]])
    #expect(mistake?.contains("give scale_bias or use_weight_bias, not both") == true)
  }

  @Test("takes stored sums of factor zero for zero")
  func unused() throws {
    let layer = try OneLayer(
      "type: 'BatchNorm' batch_norm_param { eps: 0.25 }", ["x": .of([2, 1], [1, 6])], weights: [[4], [8], [0]], phase: .TEST)
    #expect(isClose(try layer.forward(), [2, 12]))
  }
}
