import CaffeTesting
import Testing

@Suite("Sigmoid")
struct SigmoidLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Sigmoid'", ["x": [2, 3, 4, 5]]))
  }

  @Test("is one half at zero and does not overflow far out")
  func values() throws {
    let layer = try OneLayer("type: 'Sigmoid'", ["x": .of([4], [0, 1000, -1000, 1])])
    #expect(isClose(try layer.forward(), [0.5, 1, 0, 0.7310586]))
    #expect(isClose(try layer.backward(from: [4, 1, 1, 1]), [1, 0, 0, 0.19661194]))
  }
}
