import CaffeTesting
import Testing

@Suite("HardSigmoid")
struct HardSigmoidLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    let net = LayerCheck.net("type: 'HardSigmoid'", ["x": [2, 3, 4]])
    try LayerCheck.all(net, values: ["x": .uniform(-4...4)], kinks: [-2.5, 2.5])
    let steep = LayerCheck.net("type: 'HardSigmoid' hard_sigmoid_param { alpha: 0.5 beta: 0.25 }", ["x": [2, 3, 4]])
    try LayerCheck.all(steep, kinks: [-0.5, 1.5])
  }

  @Test("is a straight line between 0 and 1")
  func values() throws {
    let layer = try OneLayer("type: 'HardSigmoid'", ["x": .of([5], [-3, -1, 0, 1, 3])])
    #expect(isClose(try layer.forward(), [0, 0.3, 0.5, 0.7, 1]))
    #expect(isClose(try layer.backward(from: [1, 1, 1, 1, 1]), [0, 0.2, 0.2, 0.2, 0]))
  }
}
