import CaffeTesting
import Testing

@Suite("Swish")
struct SwishLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "swish_param { beta: 0.3 }", "swish_param { beta: -2 }"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Swish' \(parameters)", ["x": [2, 3, 4, 5]]))
    try LayerCheck.all(LayerCheck.net("type: 'Swish' \(parameters)", ["x": [7]]))
  }

  @Test("multiplies its bottom with the gate")
  func values() throws {
    let layer = try OneLayer("type: 'Swish' swish_param { beta: 2 }", ["x": .of([3], [0, 1, 100])])
    #expect(isClose(try layer.forward(), [0, 0.8807971, 100]))
    #expect(isClose(try layer.backward(from: [1, 1, 1]), [0.5, 1.0907842, 1]))
  }
}
