import CaffeTesting
import Testing

@Suite("ReLU")
struct ReLULayerTests {
  @Test(
    "keeps the contract of layers, plain and leaky",
    arguments: ["", "relu_param { negative_slope: 0.25 }", "relu_param { negative_slope: -0.5 }"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'ReLU' \(parameters)", ["x": [2, 3, 4, 5]]), kinks: [0])
    try LayerCheck.all(LayerCheck.net("type: 'ReLU' \(parameters)", ["x": [7]]), kinks: [0])
  }

  @Test("passes what is above zero and scales the rest by the slope", arguments: [false, true])
  func values(fast: Bool) throws {
    let layer = try OneLayer("type: 'ReLU' relu_param { negative_slope: 0.5 }", ["x": .of([4], [-2, 0, 3, -0.5])], fast: fast)
    #expect(try layer.forward() == [-1, 0, 3, -0.25])
    #expect(try layer.backward(from: [1, 1, 1, 4]) == [0.5, 0.5, 1, 2])
  }
}
