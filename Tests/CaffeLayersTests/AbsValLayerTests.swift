import CaffeTesting
import Testing

@Suite("AbsVal")
struct AbsValLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'AbsVal'", ["x": [2, 3, 4, 5]]), kinks: [0])
    try LayerCheck.all(LayerCheck.net("type: 'AbsVal'", ["x": [7]]), kinks: [0])
  }

  @Test("drops the sign, and has slope 0 at 0")
  func values() throws {
    let layer = try OneLayer("type: 'AbsVal'", ["x": .of([3], [-2, 0, 3])])
    #expect(try layer.forward() == [2, 0, 3])
    #expect(try layer.backward(from: [1, 1, 4]) == [-1, 0, 4])
  }
}
