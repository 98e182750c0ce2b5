import CaffeTesting
import Testing

@Suite("TanH")
struct TanHLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'TanH'", ["x": [2, 3, 4, 5]]))
  }

  @Test("goes from -1 to 1 with slope 1 at zero")
  func values() throws {
    let layer = try OneLayer("type: 'TanH'", ["x": .of([4], [0, 100, -100, 0.5])])
    #expect(isClose(try layer.forward(), [0, 1, -1, 0.46211717]))
    #expect(isClose(try layer.backward(from: [3, 1, 1, 1]), [3, 0, 0, 0.78644773]))
  }
}
