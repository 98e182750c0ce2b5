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

  @Test("takes stored sums of factor zero for zero")
  func unused() throws {
    let layer = try OneLayer(
      "type: 'BatchNorm' batch_norm_param { eps: 0.25 }", ["x": .of([2, 1], [1, 6])], weights: [[4], [8], [0]], phase: .TEST)
    #expect(isClose(try layer.forward(), [2, 12]))
  }
}
