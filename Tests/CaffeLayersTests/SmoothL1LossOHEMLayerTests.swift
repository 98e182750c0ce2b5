import CaffeCore
import CaffeTesting
import Testing

@Suite("SmoothL1LossOHEM")
struct SmoothL1LossOHEMLayerTests {
  private static let divisors = [
    "", "loss_param { normalization: BATCH_SIZE }", "loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 3 }",
  ]
  /// Differences on the parabola, and on the straight line: where one becomes the other, a step is too long to tell the slope.
  private static let sides: [(Float, Float)] = [(-0.4, 0.4), (1.5, 3)]

  @Test("keeps the contract of layers", arguments: divisors, sides)
  func contract(parameters: String, side: (Float, Float)) throws {
    let settings = "type: 'SmoothL1LossOHEM' \(parameters) loss_weight: 2 loss_weight: 0"
    let values: [String: SampleValues] = [
      "a": .uniform(side.0...side.1), "b": .uniform(-side.1 ... -side.0), "w": .uniform(0.7...1),
    ]
    let plain = LayerCheck.net(settings, ["a": [3, 2, 2], "b": [3, 2, 2]], tops: ["y", "z"])
    try LayerCheck.all(plain, values: values)
    let weighted = LayerCheck.net(settings, ["a": [4, 3], "b": [4, 3], "w": [4, 3]], tops: ["y", "z"])
    try LayerCheck.all(weighted, values: values)
  }

  private static func layer(_ parameters: String, weights: [Float] = [1, 1, 1, 1]) throws -> OneLayer {
    try OneLayer(
      "type: 'SmoothL1LossOHEM' loss_weight: 1 loss_weight: 0 \(parameters)",
      ["x": .of([2, 2], [0.5, 2, -1, 0]), "t": .of([2, 2], [0, 0, 0, 0]), "w": .of([2, 2], weights)], tops: ["y", "z"])
  }

  @Test("tells the loss of each item, and divides their sum as the file says")
  func values() throws {
    let layer = try Self.layer("")
    #expect(try layer.forward() == [1.0625])
    #expect(layer.top("z")?.values == [1.625, 0.5])
    #expect(layer.top("z")?.shape == [2, 1, 1, 1])
    #expect(try layer.backward() == [0.25, 0.5, -0.5, 0])
    let fixed = try Self.layer("loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 4 }", weights: [1, 0, 1, 1])
    #expect(try fixed.forward() == [0.15625])
    #expect(fixed.top("z")?.values == [0.125, 0.5])
  }

  @Test("counts places as items")
  func places() throws {
    let layer = try OneLayer(
      "type: 'SmoothL1LossOHEM' loss_weight: 1 loss_weight: 0",
      ["x": .of([1, 2, 2], [1.5, 2.5, 3.5, 4.5]), "t": .of([1, 2, 2], [0, 0, 0, 0])], tops: ["y", "z"])
    #expect(try layer.forward() == [5])
    #expect(layer.top("z")?.values == [4, 6])
    #expect(layer.top("z")?.shape == [1, 1, 2])
  }

  @Test("refuses bottoms of unlike sizes, and such without channels")
  func mistakes() {
    func mistake(_ a: Shape, _ b: Shape) -> String { OneLayer.mistake("type: 'SmoothL1LossOHEM'", ["a": a, "b": b]) ?? "none" }
    #expect(mistake([2, 3], [2, 4]).contains("all bottoms must hold as many items of the same size, found 2x3 and 2x4"))
    #expect(mistake([6], [6]).contains("needs bottoms with at least 2 axes (N, C), found 6"))
  }
}
