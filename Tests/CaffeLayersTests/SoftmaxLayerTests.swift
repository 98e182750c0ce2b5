import CaffeTesting
import Testing

@Suite("Softmax")
struct SoftmaxLayerTests {
  @Test("keeps the contract of layers along every axis", arguments: [0, 1, 2, -1])
  func contract(axis: Int) throws {
    let net = LayerCheck.net("type: 'Softmax' softmax_param { axis: \(axis) }", ["x": [2, 5, 3]])
    try LayerCheck.all(net)
  }

  @Test("adds up to one and does not overflow")
  func values() throws {
    let layer = try OneLayer("type: 'Softmax'", ["x": .of([3, 2], [1000, 1000, -1000, 0, 0, 1.0986123])])
    #expect(isClose(try layer.forward(), [0.5, 0.5, 0, 1, 0.25, 0.75]))
    #expect(isClose(try layer.backward(from: [1, 0, 1, 0, 1, 0]), [0.25, -0.25, 0, 0, 0.1875, -0.1875]))
  }
}
