import CaffeTesting
import Testing

@Suite("DummyData")
struct DummyDataLayerTests {
  private static func layer(_ parameters: String, tops: [String] = ["y"], seed: UInt64 = 0, threads: Int = 1) throws -> OneLayer {
    try OneLayer(
      "type: 'DummyData' dummy_data_param { \(parameters) }", [:], tops: tops, fast: true, seed: seed, threads: threads)
  }

  @Test("keeps the contract of layers in text and bytes")
  func contract() throws {
    let fillers = "data_filler { type: 'uniform' min: 1 max: 2 } data_filler { value: 3 }"
    let net = LayerCheck.net("type: 'DummyData' dummy_data_param { shape { dim: 2 dim: 3 } \(fillers) }", [:], tops: ["a", "b"])
    try LayerCheck.all(net)
  }

  @Test("fills each top by its filler, in the shape it is told either way")
  func values() throws {
    let layer = try Self.layer(
      "shape { dim: 2 } shape { dim: 1 dim: 3 } data_filler { value: 3 } data_filler { value: 4 }", tops: ["y", "z"])
    #expect(try layer.forward() == [3, 3])
    #expect(layer.top("z")?.values == [4, 4, 4])
    let legacy = try Self.layer("num: 2 channels: 1 height: 1 width: 2")
    #expect(try legacy.forward() == [0, 0, 0, 0])
    #expect(legacy.top("y")?.shape == [2, 1, 1, 2])
  }

  @Test("draws anew in every pass, the same for the same seed and any number of threads")
  func draws() throws {
    let parameters = "shape { dim: 1000 } data_filler { type: 'gaussian' }"
    let layer = try Self.layer(parameters)
    let first = try layer.forward()
    #expect(try layer.forward() != first)
    #expect(try Self.layer(parameters, threads: 3).forward() == first)
    #expect(try Self.layer(parameters, seed: 1).forward() != first)
  }

  @Test("refuses counts that do not fit its tops")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'DummyData' dummy_data_param { \(parameters) }", [:], tops: ["a", "b", "c"]) ?? "none"
    }
    #expect(mistake("shape { } shape { }").contains("3 top(s) need one shape, or one each; 2 given"))
    #expect(mistake("shape { } data_filler { } data_filler { }").contains("need no data_filler, one, or one each; 2 given"))
    #expect(mistake("num: 1").contains("need channels once, or once each; 0 given"))
  }
}
