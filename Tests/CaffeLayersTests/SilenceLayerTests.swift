import CaffeTesting
import Testing

@Suite("Silence")
struct SilenceLayerTests {
  @Test("keeps the contract of layers and sends zeros back")
  func contract() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Silence'", ["a": [2, 3], "b": [4]], tops: []))
  }

  @Test("leaves a net without outputs")
  func outputs() throws {
    let layer = try OneLayer("type: 'Silence'", ["x": .of([2], [1, 2])], tops: [])
    _ = try layer.forward("x")
    #expect(layer.top("y") == nil)
    #expect(try layer.backward() == [0, 0])
  }
}
