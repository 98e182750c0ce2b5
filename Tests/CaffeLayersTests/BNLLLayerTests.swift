import CaffeTesting
import Testing

@Suite("BNLL")
struct BNLLLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'BNLL'", ["x": [2, 3, 4, 5]]))
    try LayerCheck.all(LayerCheck.net("type: 'BNLL'", ["x": [7]]))
  }

  @Test("is log 2 at zero and overflows on neither side")
  func values() throws {
    let layer = try OneLayer("type: 'BNLL'", ["x": .of([4], [0, 100, -100, 1000])])
    #expect(isClose(try layer.forward(), [0.6931472, 100, 0, 1000]))
    #expect(isClose(try layer.backward(from: [1, 1, 1, 3]), [0.5, 1, 0, 3]))
  }
}
