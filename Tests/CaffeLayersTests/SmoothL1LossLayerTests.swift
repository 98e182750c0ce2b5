import CaffeCore
import CaffeTesting
import Testing

@Suite("SmoothL1Loss")
struct SmoothL1LossLayerTests {
  /// Differences on the parabola, and on the straight line: where one becomes the other, a step is too long to tell the slope.
  private static let sides: [(Float, Float)] = [(-0.4, 0.4), (1.5, 3)]

  @Test(
    "keeps the contract of layers", arguments: ["", "smooth_l1_loss_param { sigma: 0.8 }", "loss_weight: 2.5"], sides)
  func contract(parameters: String, side: (Float, Float)) throws {
    let values: [String: SampleValues] = [
      "a": .uniform(side.0...side.1), "b": .uniform(-side.1 ... -side.0), "i": .uniform(0.7...1), "o": .uniform(0...1),
    ]
    func check(_ inputs: KeyValuePairs<String, Shape>) throws {
      try LayerCheck.all(LayerCheck.net("type: 'SmoothL1Loss' \(parameters)", inputs), values: values)
    }
    try check(["a": [4, 3, 2], "b": [4, 3, 2]])
    try check(["a": [4, 3], "b": [4, 3], "i": [4, 3]])
    try check(["a": [4, 3], "b": [4, 3], "i": [4, 3], "o": [4, 3]])
  }

  @Test("is a parabola near 0 and a straight line beyond, divided by the items")
  func values() throws {
    let layer = try OneLayer("type: 'SmoothL1Loss'", ["x": .of([2, 1], [0.5, -2]), "t": .of([2, 1], [0, 0])])
    #expect(try layer.forward() == [0.8125])
    #expect(try layer.backward() == [0.25, -0.5])
    #expect(try layer.backward("t") == [-0.25, 0.5])
  }

  @Test("turns to the straight line at 1/σ²")
  func sigma() throws {
    let layer = try OneLayer(
      "type: 'SmoothL1Loss' smooth_l1_loss_param { sigma: 2 }", ["x": .of([2, 1], [0.125, 2]), "t": .of([2, 1], [0, 0])])
    // ½ · 4 · 0.125² and 2 − ½ / 4
    #expect(try layer.forward() == [(0.03125 + 1.875) / 2])
    #expect(try layer.backward() == [0.25, 0.5])
  }

  @Test("weighs differences inside and losses outside")
  func weights() throws {
    let layer = try OneLayer(
      "type: 'SmoothL1Loss'",
      ["x": .of([2, 1], [0.5, 2]), "t": .of([2, 1], [0, 0]), "i": .of([2, 1], [2, 1]), "o": .of([2, 1], [1, 3])])
    #expect(try layer.forward() == [2.5])
    #expect(try layer.backward() == [1, 1.5])
    #expect(try layer.backward("o") == [0.25, 0.75])
  }

  @Test("refuses bottoms of unlike sizes and a sigma of 0")
  func mistakes() {
    let size = OneLayer.mistake("type: 'SmoothL1Loss'", ["a": [2, 3], "b": [2, 3], "i": [2, 4]])
    #expect(size?.contains("all bottoms must hold as many items of the same size, found 2x3 and 2x4") == true)
    let sigma = OneLayer.mistake("type: 'SmoothL1Loss' smooth_l1_loss_param { sigma: 0 }", ["a": [2, 3], "b": [2, 3]])
    #expect(sigma?.contains("sigma must be above 0") == true)
  }
}
