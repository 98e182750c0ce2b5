import CaffeTesting
import Testing

@Suite("SigmoidCrossEntropyLoss")
struct SigmoidCrossEntropyLossLayerTests {
  private static let variants = [
    "", "loss_param { normalization: FULL }", "loss_param { normalization: VALID ignore_label: 1 }",
    "loss_param { normalization: NONE }", "loss_param { normalize: true ignore_label: 0 }", "loss_weight: 0.3",
    "loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 3 }",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'SigmoidCrossEntropyLoss' \(parameters)", ["x": [4, 3], "t": [4, 3]])
    try LayerCheck.all(net, values: ["t": .labels(below: 2)])
    try LayerCheck.all(
      LayerCheck.net("type: 'SigmoidCrossEntropyLoss'", ["x": [2, 3], "t": [2, 3, 1]]), values: ["t": .uniform(0...1)])
  }

  private static func layer(_ loss: String, _ x: [Float] = [0, 2, 0], _ targets: [Float] = [1, 0, 0.5]) throws -> OneLayer {
    try OneLayer(
      "type: 'SigmoidCrossEntropyLoss' loss_param { \(loss) }", ["x": .of([1, 3], x), "t": .of([1, 3], targets)])
  }

  @Test("divides by the batch's size unless it is told otherwise")
  func normalization() throws {
    #expect(isClose(try Self.layer("").forward(), [3.5132225]))
    #expect(isClose(try Self.layer("").backward(), [-0.5, 0.8807971, 0]))
    #expect(isClose(try Self.layer("normalization: FULL").forward(), [1.1710742]))
    #expect(isClose(try Self.layer("normalize: true").forward(), [1.1710742]))
    #expect(isClose(try Self.layer("normalize: false").forward(), [3.5132225]))
  }

  @Test("leaves out targets whose whole part is the label to ignore")
  func ignored() throws {
    let layer = try Self.layer("ignore_label: 0 normalization: VALID")  // 0 and 0.5
    #expect(isClose(try layer.forward(), [0.6931472]))
    #expect(isClose(try layer.backward(), [-0.5, 0, 0]))
    #expect(try Self.layer("ignore_label: 0 normalization: VALID", [1, 1, 1], [0, 0, 0]).forward() == [0])
  }

  @Test("does not overflow far out")
  func farOut() throws {
    #expect(isClose(try Self.layer("", [1000, -1000, 1000], [1, 0, 0]).forward(), [1000]))
  }

  @Test("refuses targets that do not fit")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'SigmoidCrossEntropyLoss'", ["x": [2, 3], "t": [3, 2]])
    #expect(mistake?.contains("both bottoms must hold as many items of the same size, found 2x3 and 3x2") == true)
  }
}
