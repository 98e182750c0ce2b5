import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

/// Nets in which a Filter decides how many items the layers behind it see.
@Suite("Shapes that depend on values")
struct VaryingShapeTests {
  /// Features, a filter, and a classifier with a loss on what is kept; `side` reads what was made before the filter.
  private static let text = """
    layer { name: "in" type: "Input" top: "x" top: "keep" top: "label"
      input_param { shape { dim: [6, 4] } shape { dim: 6 } shape { dim: 6 } } }
    layer { name: "hidden" type: "InnerProduct" bottom: "x" top: "hidden" inner_product_param { num_output: 5 } }
    layer { name: "act" type: "TanH" bottom: "hidden" top: "act" }
    layer { name: "pick" type: "Filter" bottom: "act" bottom: "label" bottom: "keep" top: "kept" top: "kept_label" }
    layer { name: "scores" type: "InnerProduct" bottom: "kept" top: "scores" inner_product_param { num_output: 3 } }
    layer { name: "loss" type: "SoftmaxWithLoss" bottom: "scores" bottom: "kept_label" top: "loss"
      propagate_down: [true, false] }
    layer { name: "side" type: "InnerProduct" bottom: "act" top: "side" inner_product_param { num_output: 2 } }
    layer { name: "side_loss" type: "EuclideanLoss" bottom: "side" bottom: "side_target" top: "side_loss" }
    """.replacing("top: \"label\"\n", with: "top: \"label\" top: \"side_target\"\n").replacing(
      "shape { dim: 6 } shape { dim: 6 }", with: "shape { dim: 6 } shape { dim: 6 } shape { dim: [6, 2] }")

  /// The same net without a filter, fed with the kept items alone.
  private static func plainText(_ items: Int) -> String {
    text.replacing("dim: [6, 4]", with: "dim: [\(items), 4]").replacing(
      "shape { dim: 6 } shape { dim: 6 } shape { dim: [6, 2] }",
      with: "shape { dim: \(items) } shape { dim: \(items) } shape { dim: [\(items), 2] }"
    ).replacing(
      "layer { name: \"pick\" type: \"Filter\" bottom: \"act\" bottom: \"label\" bottom: \"keep\" top: \"kept\" top: \"kept_label\" }\n",
      with: "layer { name: \"pick\" type: \"Silence\" bottom: \"keep\" }\n"
    ).replacing("bottom: \"kept\"", with: "bottom: \"act\"").replacing("bottom: \"kept_label\"", with: "bottom: \"label\"")
      .replacing("top: \"side_loss\"", with: "top: \"side_loss\" loss_weight: 0")
  }

  private static let inputs: [Float] = (0..<24).map { Float($0 * 7 % 11) / 6 - 0.8 }
  private static let labels: [Float] = [0, 2, 1, 1, 0, 2]

  private static func session(_ text: String, fast: Bool) throws -> Session {
    let net = try SampleNet(text, phase: .TRAIN)
    let plan = try net.plan(.training, fast ? [try OneDNNBackend(), SharingBackend()] : [], threads: 2)
    return try Session(try net.weights(plan), seed: 1)
  }

  private static func give(_ session: Session, _ kept: [Int], keep: [Float]) throws {
    let rows = kept.flatMap { inputs[$0 * 4..<$0 * 4 + 4] }
    try session.setInput("x", try Tensor([kept.count, 4], values: rows))
    try session.setInput("keep", try Tensor([kept.count], values: keep))
    try session.setInput("label", try Tensor([kept.count], values: kept.map { labels[$0] }))
    try session.setInput("side_target", Tensor([kept.count, 2]))
  }

  @Test("give the loss and the gradients of a net of the kept items alone", arguments: [false, true])
  func equality(fast: Bool) throws {
    let filtered = try Self.session(
      Self.text.replacing("top: \"side_loss\"", with: "top: \"side_loss\" loss_weight: 0"), fast: fast)
    for kept in [[1, 3, 4], [0, 1, 2, 3, 4, 5], [5], [1, 3, 4]] {
      try Self.give(filtered, Array(0..<6), keep: (0..<6).map { kept.contains($0) ? 1 : 0 })
      for item in filtered.weights.trained { item.diff.update(repeating: 0) }
      try filtered.forward()
      try filtered.backward()
      let plain = try Self.session(Self.plainText(kept.count), fast: false)
      try Self.give(plain, kept, keep: kept.map { _ in 1 })
      try plain.forward()
      try plain.backward()
      #expect(Tolerance().mismatch(filtered.output("loss"), try #require(plain.output("loss"))) == nil)
      #expect(
        try Tolerance().mismatches(
          filtered.gradients().filter { $0.key.contains("/") }, plain.gradients().filter { $0.key.contains("/") }) == [])
    }
  }

  @Test("leave what does not depend on them as it is, and its gradients are added")
  func side() throws {
    let both = try Self.hiddenGradient(Self.text)
    let loss = try Self.hiddenGradient(
      Self.text.replacing("top: \"side_loss\"", with: "top: \"side_loss\" loss_weight: 0"))
    let side = try Self.hiddenGradient(Self.text.replacing("top: \"loss\"\n", with: "top: \"loss\" loss_weight: 0\n"))
    #expect(loss.values.contains { $0 != 0 } && side.values.contains { $0 != 0 })
    let sum = try Tensor(both.shape, values: zip(loss.values, side.values).map { $0 + $1 })
    #expect(Tolerance().mismatch(both, sum) == nil)
  }

  private static func hiddenGradient(_ text: String) throws -> Tensor {
    let session = try session(text, fast: true)
    try give(session, Array(0..<6), keep: [1, 0, 0, 0, 0, 0])
    try session.forward()
    try session.backward()
    return try #require(try session.gradients()["hidden/0"])
  }

  @Test("follow each other: a Filter behind a Filter")
  func twice() throws {
    let text = """
      layer { name: "in" type: "Input" top: "x" top: "keep"
        input_param { shape { dim: [4, 2] } shape { dim: 4 } } }
      layer { name: "scale" type: "Power" bottom: "x" top: "scaled" power_param { scale: 3 } }
      layer { name: "first" type: "Filter" bottom: "scaled" bottom: "keep" bottom: "keep" top: "some" top: "some_keep" }
      layer { name: "less" type: "Power" bottom: "some_keep" top: "less" power_param { shift: -1 } }
      layer { name: "second" type: "Filter" bottom: "some" bottom: "less" top: "few" }
      layer { name: "out" type: "Power" bottom: "few" top: "y" power_param { shift: 1 } }
      """
    let net = try SampleNet(text)
    let session = try Session(try net.weights(net.plan(.inference, [])), seed: 1)
    for keep in [[2, 0, 2, 1], [0, 1, 1, 2], [1, 1, 0, 0], [2, 0, 2, 1]] as [[Float]] {
      try session.setInput("x", try Tensor([4, 2], values: (0..<8).map(Float.init)))
      try session.setInput("keep", try Tensor([4], values: keep))
      try session.forward()
      let rows = keep.indices.filter { keep[$0] == 2 }
      let values = rows.flatMap { row -> [Float] in [Float(row * 6 + 1), Float(row * 6 + 4)] }
      let expected = try Tensor([rows.count, 2], values: values)
      #expect(session.output("y") == expected)
    }
  }

  @Test("may come to nothing: a loss of 0, and no gradient")
  func nothing() throws {
    let session = try Self.session(
      Self.text.replacing("top: \"side_loss\"", with: "top: \"side_loss\" loss_weight: 0"), fast: true)
    try Self.give(session, Array(0..<6), keep: [Float](repeating: 0, count: 6))
    try session.forward()
    try session.backward()
    #expect(session.output("loss")?.values == [0])
    #expect(try session.gradients()["hidden/0"]?.values.allSatisfy { $0 == 0 } == true)
  }

  @Test("name the layer that cannot take the shape it gets")
  func impossible() throws {
    let text = """
      layer { name: "in" type: "Input" top: "x" top: "keep" input_param { shape { dim: [4, 2] } shape { dim: 4 } } }
      layer { name: "pick" type: "Filter" bottom: "x" bottom: "keep" top: "kept" }
      layer { name: "halves" type: "Reshape" bottom: "kept" top: "halves" reshape_param { shape { dim: [2, -1] } } }
      """
    let net = try SampleNet(text)
    let session = try Session(try net.weights(net.plan(.inference, [])), seed: 1)
    try session.setInput("x", Tensor([4, 2], repeating: 1))
    try session.setInput("keep", try Tensor([4], values: [1, 1, 0, 0]))
    try session.forward()
    #expect(session.output("halves")?.shape == [2, 2])
    let splitting = try SampleNet(text.replacing("dim: [2, -1]", with: "dim: [4, -1]"))
    let other = try Session(try splitting.weights(splitting.plan(.inference, [])), seed: 1)
    try other.setInput("x", Tensor([4, 2], repeating: 1))
    try other.setInput("keep", try Tensor([4], values: [1, 0, 0, 0]))
    let error = #expect(throws: Diagnostics.self) { try other.forward() }
    #expect(error?.description.contains("layer \"halves\" (Reshape)") == true)
  }
}
