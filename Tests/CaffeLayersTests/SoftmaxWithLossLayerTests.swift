import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("SoftmaxWithLoss")
struct SoftmaxWithLossLayerTests {
  private static let variants = [
    "", "loss_param { normalization: FULL }", "loss_param { normalization: BATCH_SIZE }", "loss_param { normalization: NONE }",
    "loss_param { ignore_label: 1 }", "loss_param { normalize: false }", "loss_weight: 0.3",
    "loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 3 }",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'SoftmaxWithLoss' \(parameters)", ["x": [4, 5, 2], "label": [4, 2]])
    try LayerCheck.all(net, values: ["label": .labels(below: 5)])
  }

  @Test("keeps the contract of layers along another axis and with the probabilities as second top")
  func others() throws {
    let axis = LayerCheck.net("type: 'SoftmaxWithLoss' softmax_param { axis: 2 }", ["x": [2, 3, 4], "label": [2, 3]])
    try LayerCheck.all(axis, values: ["label": .labels(below: 4)])
    let prob = LayerCheck.net(
      "type: 'SoftmaxWithLoss' loss_weight: 2 loss_weight: 0", ["x": [3, 4], "label": [3]], tops: ["y", "prob"])
    try LayerCheck.all(prob, values: ["label": .labels(below: 4)])
  }

  private static func layer(_ scores: [Float], _ labels: [Float], _ parameters: String = "") throws -> OneLayer {
    let shape = [labels.count, scores.count / labels.count]
    return try OneLayer(
      "type: 'SoftmaxWithLoss' \(parameters)", ["x": .of(.init(shape), scores), "l": .of([labels.count], labels)])
  }

  @Test("costs at most 87.3365 an item")
  func cap() throws {
    #expect(isClose(try Self.layer([0, 1000], [0]).forward(), [87.3365], within: 1e-3))
  }

  @Test("divides by the labels that count")
  func normalization() throws {
    let scores: [Float] = [0, 0, 0, 0, 0, 0]  // log 2 an item
    let ignoring = "ignore_label: 1"
    func loss(_ mode: String) throws -> Float {
      try Self.layer(scores, [0, 1, 0], "loss_param { \(ignoring) normalization: \(mode) }").forward()[0] / 0.6931472
    }
    #expect(try abs(loss("VALID") - 1) < 1e-5)
    #expect(try abs(loss("FULL") - 2.0 / 3) < 1e-5)
    #expect(try abs(loss("BATCH_SIZE") - 2.0 / 3) < 1e-5)
    #expect(try abs(loss("NONE") - 2) < 1e-5)
    #expect(try abs(loss("PRE_FIXED pre_fixed_normalizer: 8") - 0.25) < 1e-5)
  }

  @Test("is zero, not NaN, when every label is ignored")
  func nothingCounts() throws {
    let layer = try Self.layer([1, 2], [1], "loss_param { ignore_label: 1 }")
    #expect(try layer.forward() == [0])
    #expect(try layer.backward() == [0, 0])
  }

  @Test("ends with an error that names a label out of range", arguments: [2, -1, Float.nan])
  func labels(label: Float) throws {
    let error = #expect(throws: RunError.self) { try Self.layer([1, 2], [label]).forward() }
    let number = label.isNaN ? "-1" : "\(Int(label))"
    #expect(error?.description == "layer \"layer\" (SoftmaxWithLoss): label \(number) names none of the 2 classes (0 to 1)")
  }

  @Test("weighs items by their class where SegNet's fields ask for it")
  func classWeights() throws {
    let loss = "loss_param { weight_by_label_freqs: true class_weighting: [2, 0.5, 1] }"
    let net = LayerCheck.net("type: 'SoftmaxWithLoss' \(loss)", ["x": [4, 3], "label": [4]])
    try LayerCheck.all(net, values: ["label": .labels(below: 3)])
    let scores = Tensor([2, 3])
    let layer = try OneLayer("type: 'SoftmaxWithLoss' \(loss)", ["x": scores, "label": .of([2], [0, 1])])
    // Both items cost log 3: once twice, once half.
    #expect(isClose(try layer.forward(), [1.3732653], within: 1e-4))
    #expect(
      OneLayer.mistake("type: 'SoftmaxWithLoss' \(loss)", ["x": [4, 2], "label": [4]])?.contains(
        "2 classes need as many class_weighting, 3 given") == true)
  }
}
