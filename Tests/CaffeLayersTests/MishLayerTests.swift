import CaffeTesting
import Testing

@Suite("Mish")
struct MishLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Mish'", ["x": [2, 3, 4, 5]]), values: ["x": .uniform(-5...5)])
  }

  @Test("is x far above 0, 0 far below, and overflows nowhere")
  func values() throws {
    let layer = try OneLayer("type: 'Mish'", ["x": .of([5], [0, 1, -1, 1000, -1000])])
    // tanh(log 2) = 0.6 at 0; x · ((1 + e^x)² − 1) / ((1 + e^x)² + 1) elsewhere
    #expect(isClose(try layer.forward(), [0, 0.8650984, -0.3034014, 1000, 0]))
    #expect(isClose(try layer.backward(from: [1, 1, 1, 1, 1]), [0.6, 1.0490363, 0.0592164, 1, 0]))
  }
}
