import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeTesting
import Testing

@Suite("BN")
struct BNLayerTests {
  private static let settings = [
    "", "slope_filler { value: 1 } momentum: 0.5 eps: 0.1", "frozen: true", "decay: 0.1 moving_average: true var_eps: 0.1",
    "decay: 0.1 moving_average: false", "bn_mode: LEARN", "bn_mode: INFERENCE", "scale_filler { value: 1 }",
  ]

  @Test("keeps the contract of layers in all its forms", arguments: settings, [Phase.TRAIN, .TEST])
  func contract(parameters: String, phase: Phase) throws {
    for shape: Shape in [[4, 3, 3, 2], [9, 4]] {
      try LayerCheck.all(LayerCheck.net("type: 'BN' bn_param { \(parameters) }", ["x": shape]), phase: phase)
    }
  }

  @Test("keeps the contract of layers with the batch's mean and variance as further tops")
  func tops() throws {
    let net = LayerCheck.net("type: 'BN' bn_param { bn_mode: LEARN }", ["x": [4, 3, 3, 2]], tops: ["y", "m", "v"])
    try LayerCheck.all(net, unseeded: ["m", "v"])
  }

  private static func layer(
    _ parameters: String, _ weights: [[Float]], _ phase: Phase, tops: [String] = ["y"], params: String = ""
  ) throws -> OneLayer {
    try OneLayer(
      "type: 'BN' bn_param { \(parameters) } \(params)", ["x": .of([4, 1], [1, 3, 5, 7])], tops: tops, weights: weights,
      phase: phase)
  }

  @Test("normalises by the batch in training, and moves its running statistics")
  func training() throws {
    let layer = try Self.layer("momentum: 0.75 eps: 0", [[2], [10], [8], [1]], .TRAIN)
    // mean 4, variance 5
    #expect(isClose(try layer.forward(), [-3, -1, 1, 3].map { 2 * $0 / Float(5).squareRoot() + 10 }))
    #expect(isClose(try layer.parameter(2), [0.75 * 8 + 0.25 * 4]))
    #expect(isClose(try layer.parameter(3), [0.75 * 1 + 0.25 * 5]))
    #expect(isClose(try layer.backward(from: [1, 1, 1, 1]), [0, 0, 0, 0]))
    #expect(isClose(try layer.gradient(ofParameter: 1), [4]))
  }

  @Test("uses its running statistics in testing, and always when frozen")
  func running() throws {
    let testing = try Self.layer("eps: 0", [[2], [10], [3], [4]], .TEST)
    #expect(isClose(try testing.forward(), [8, 10, 12, 14]))
    #expect(isClose(try testing.backward(from: [1, 2, 3, 4]), [1, 2, 3, 4]))
    #expect(isClose(try testing.gradient(ofParameter: 0), [0 * 2 - 1 + 3 + 8]))
    // A frozen layer takes no notice of learning rates.
    let rates = "param { lr_mult: 1 } param { lr_mult: 1 } param { lr_mult: 1 } param { lr_mult: 1 }"
    let frozen = try Self.layer("frozen: true eps: 0", [[2], [10], [3], [4]], .TRAIN, params: rates)
    #expect(isClose(try frozen.forward(), [8, 10, 12, 14]))
    #expect(isClose(try frozen.backward(from: [1, 2, 3, 4]), [1, 2, 3, 4]))
    #expect(try frozen.parameter(2) == [3])
    #expect(try frozen.gradient(ofParameter: 0) == [])
  }

  @Test("understands the words of PSPNet's first version")
  func first() throws {
    let training = try Self.layer("decay: 0.25 var_eps: 0", [[2], [10], [8], [1]], .TRAIN)
    #expect(isClose(try training.forward(), [-3, -1, 1, 3].map { 2 * $0 / Float(5).squareRoot() + 10 }))
    #expect(isClose(try training.parameter(2), [0.75 * 8 + 0.25 * 4]))
    let testing = try Self.layer("moving_average: true var_eps: 0", [[2], [10], [3], [4]], .TEST)
    #expect(isClose(try testing.forward(), [8, 10, 12, 14]))
    let batch = try Self.layer("moving_average: false var_eps: 0", [[2], [10], [3], [4]], .TEST)
    #expect(isClose(try batch.forward(), [-3, -1, 1, 3].map { 2 * $0 / Float(5).squareRoot() + 10 }))
    #expect(try batch.parameter(2) == [3])
  }

  @Test("has SegNet's two modes, with the batch's statistics as further tops", arguments: [Phase.TRAIN, .TEST])
  func segNet(phase: Phase) throws {
    let learn = try Self.layer("bn_mode: LEARN", [[2], [10]], phase, tops: ["y", "m", "v"])
    #expect(isClose(try learn.forward(), [-3, -1, 1, 3].map { 2 * $0 / Float(5).squareRoot() + 10 }))
    #expect(learn.top("m") == .of([1, 1, 1, 1], [4]))
    #expect(learn.top("v") == .of([1, 1, 1, 1], [5]))
    let inference = try Self.layer("bn_mode: INFERENCE", [[2], [10]], phase)
    #expect(try inference.forward() == [12, 16, 20, 24])
  }

  /// The shapes of the parameters that a layer has in one fork or another.
  private static func weights(_ parameters: String, _ dialect: Dialect) throws -> [Shape] {
    let text = "layer { name: 'l' type: 'BN' bottom: 'x' top: 'y' bn_param { \(parameters) } }"
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: LayerRegistry.standard.schema).layers[0]
    let context = LayerContext(definition: definition, phase: .TEST, dialect: dialect)
    return try BNLayer(definition.parameters(BNParameters.self), in: context).signature(of: [[2, 3, 4, 5]]).weights.map(\.shape)
  }

  @Test("knows by its fields whose it is, and without any by the dialect")
  func dialects() throws {
    let (two, four) = ([Shape](repeating: [1, 3, 1, 1], count: 2), [Shape](repeating: [1, 3, 1, 1], count: 4))
    #expect(try Self.weights("", .any) == four)
    #expect(try Self.weights("", .pspnet) == four)
    #expect(try Self.weights("", .segnet) == two)
    #expect(try Self.weights("frozen: true", .segnet) == four)
    #expect(try Self.weights("bn_mode: INFERENCE", .any) == two)
    #expect(try Self.weights("scale_filler { value: 1 } shift_filler { value: 0 }", .any) == two)
    #expect(try Self.weights("scale_filler { value: 1 } shift_filler { value: 0 } decay: 0.05", .any) == four)
    #expect(try Self.weights("slope_filler { value: 1 } bias_filler { value: 0 }", .any) == four)
  }

  @Test("starts with a slope of 1 and a bias of 0")
  func fillers() throws {
    let layer = try Self.layer("bn_mode: INFERENCE", [], .TEST)
    #expect(try layer.forward() == [1, 3, 5, 7])
    let filled = try Self.layer("scale_filler { value: 3 } shift_filler { value: 1 } bn_mode: INFERENCE", [], .TEST)
    #expect(try filled.forward() == [4, 10, 16, 22])
  }

  @Test("refuses fields that do not go together")
  func mistakes() {
    func mistake(_ parameters: String, tops: [String] = ["y"]) -> String {
      OneLayer.mistake("type: 'BN' bn_param { \(parameters) }", ["x": [2, 3, 4, 5]], tops: tops) ?? "none"
    }
    #expect(mistake("bn_mode: LEARN frozen: true").contains("fields of SegNet's BN and of PSPNet's do not go together"))
    #expect(mistake("", tops: ["y", "m"]).contains("further tops of bn_mode: LEARN only"))
    #expect(mistake("eps: -1").contains("eps must be 0 or more"))
    #expect(OneLayer.mistake("type: 'BN'", ["x": [3]])?.contains("at least 2 axes (N, C), found 3") == true)
  }
}
