import CaffePlan
import CaffeTesting
import Testing

@Suite("SoftmaxWithLossOHEM")
struct SoftmaxWithLossOHEMLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "loss_param { ignore_label: 1 }", "loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 3 }"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net(
      "type: 'SoftmaxWithLossOHEM' \(parameters) loss_weight: 2 loss_weight: 0 loss_weight: 0",
      ["x": [4, 5, 2], "label": [4, 2]], tops: ["y", "prob", "losses"])
    try LayerCheck.all(net, values: ["label": .labels(below: 5)])
    let plain = LayerCheck.net("type: 'SoftmaxWithLossOHEM' \(parameters)", ["x": [4, 5], "label": [4]])
    try LayerCheck.all(plain, values: ["label": .labels(below: 5)])
  }

  @Test("tells the loss of each item, 0 where its label is ignored")
  func values() throws {
    let layer = try OneLayer(
      "type: 'SoftmaxWithLossOHEM' loss_weight: 1 loss_weight: 0 loss_weight: 0 loss_param { ignore_label: 1 }",
      ["x": .of([3, 2], [0, 0, 3, 5, 1, 0]), "l": .of([3, 1], [0, 1, 0])], tops: ["y", "prob", "losses"])
    // log 2 and log (1 + 1/e)
    #expect(isClose(try layer.forward(), [(0.6931472 + 0.3132617) / 2]))
    #expect(isClose(layer.top("losses")?.values ?? [], [0.6931472, 0, 0.3132617]))
    #expect(layer.top("losses")?.shape == [3, 1])
    #expect(isClose(Array(layer.top("prob")?.values.prefix(2) ?? []), [0.5, 0.5]))
    #expect(isClose(try layer.backward(), [-0.25, 0.25, 0, 0, -0.1344707, 0.1344707]))
  }

  @Test("divides by a number that the file gives, which is 1 at least")
  func normalization() throws {
    func loss(_ divisor: String) throws -> Float {
      try OneLayer(
        "type: 'SoftmaxWithLossOHEM' loss_param { normalization: PRE_FIXED pre_fixed_normalizer: \(divisor) }",
        ["x": .of([2, 2], [0, 0, 0, 0]), "l": .of([2], [0, 1])]
      ).forward()[0] / 0.6931472
    }
    #expect(try abs(loss("4") - 0.5) < 1e-5)
    #expect(try abs(loss("0.1") - 2) < 1e-5)
  }

  @Test("ends with an error that names a label out of range")
  func labels() throws {
    let layer = try OneLayer("type: 'SoftmaxWithLossOHEM'", ["x": .of([1, 2], [1, 2]), "l": .of([1], [2])])
    let error = #expect(throws: RunError.self) { try layer.forward() }
    #expect(error?.description == "layer \"layer\" (SoftmaxWithLossOHEM): label 2 names none of the 2 classes (0 to 1)")
  }
}
