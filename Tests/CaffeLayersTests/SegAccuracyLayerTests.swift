import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("SegAccuracy, which has no gradient")
struct SegAccuracyLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "seg_accuracy_param { ignore_label: 1 ignore_label: 2 }", "seg_accuracy_param { reset: false }"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'SegAccuracy' \(parameters)", ["x": [2, 4, 3, 5], "label": [2, 1, 3, 5]])
    try LayerCheck.all(net, values: ["x": .distinct(spacing: 0.1), "label": .labels(below: 4)])
    let binary = LayerCheck.net("type: 'SegAccuracy' \(parameters)", ["x": [2, 1, 3, 5], "label": [2, 3, 5]])
    try LayerCheck.all(binary, values: ["label": .labels(below: 2)])
  }

  /// Six pixels of three classes that are taken for 0, 0, 1, 1, 1, 0.
  private static func layer(_ labels: [Float], _ parameters: String = "", tops: [String] = ["y"]) throws -> OneLayer {
    let scores: [Float] = [5, 5, 1, 1, 1, 2, 4, 4, 2, 2, 2, 1, 3, 3, 0, 0, 0, 0]
    return try OneLayer(
      "type: 'SegAccuracy' seg_accuracy_param { \(parameters) }",
      ["x": .of([1, 3, 1, 6], scores), "l": .of([1, 1, 1, 6], labels)], tops: tops)
  }

  @Test("counts pixels, classes, and intersections over unions")
  func values() throws {
    let layer = try Self.layer([0, 0, 0, 1, 1, 1])
    // Right are 2 of 3 pixels of either class; unions are 4 pixels; class 2 is nowhere and counts as 1.
    #expect(isClose(try layer.forward(), [4.0 / 6, 2.0 / 3, (0.5 + 0.5 + 1) / 3]))
    #expect(layer.top("y")?.shape == [1, 1, 1, 3])
    let third = try Self.layer([0, 0, 1, 1, 2, 2])
    #expect(isClose(try third.forward(), [4.0 / 6, (1 + 1 + 0) / 3.0, (2.0 / 3 + 2.0 / 3 + 0) / 3]))
  }

  @Test("leaves out labels to ignore, whatever they are")
  func ignored() throws {
    let layer = try Self.layer([0, 255, -1, 1, 255, 1], "ignore_label: 255 ignore_label: -1")
    #expect(isClose(try layer.forward(), [2.0 / 3, (1 + 0.5) / 2, (0.5 + 0.5 + 1) / 3]))
    let nothing = try Self.layer([0, 0, 0, 0, 0, 0], "ignore_label: 0")
    #expect(try nothing.forward() == [0, 0, 1])
  }

  @Test("takes the first of equal scores")
  func ties() throws {
    let layer = try OneLayer("type: 'SegAccuracy'", ["x": .of([1, 2, 1, 1], [3, 3]), "l": .of([1], [0])])
    #expect(try layer.forward() == [1, 1, 1])
  }

  @Test("takes a single channel for the share of class 1")
  func binary() throws {
    let layer = try OneLayer(
      "type: 'SegAccuracy'", ["x": .of([1, 1, 1, 4], [0.6, 0.5, 0.2, 0.9]), "l": .of([4], [1, 0, 1, 1])])
    #expect(isClose(try layer.forward(), [0.75, (1 + 2.0 / 3) / 2, (0.5 + 2.0 / 3) / 2]))
  }

  @Test("tells precision, recall and intersection over union of a class")
  func classes() throws {
    let layer = try Self.layer([0, 0, 1, 1, 2, 0], "output_label: 1 output_label: 2", tops: ["y", "one", "two"])
    _ = try layer.forward()
    #expect(isClose(layer.top("one")?.values ?? [], [2.0 / 3, 1, 2.0 / 3]))
    #expect(layer.top("two")?.values == [0, 0, 0])
  }

  @Test("adds up the counts of all passes without reset")
  func reset() throws {
    func passes(_ parameters: String) throws -> [Float] {
      let scores = Tensor.of([1, 2, 1, 2], [1, 1, 0, 0])
      let layer = try OneLayer("type: 'SegAccuracy' \(parameters)", ["x": scores, "l": .of([2], [0, 1])])
      let first = try layer.forward()[0]
      try layer.set("l", to: .of([2], [0, 0]))
      let second = try layer.forward()[0]
      layer.forget()
      return [first, second, try layer.forward()[0]]
    }
    #expect(try passes("") == [0.5, 1, 1])
    #expect(try passes("seg_accuracy_param { reset: false }") == [0.5, 0.75, 1])
  }

  @Test("ends with an error that names a label out of range", arguments: [3, -1])
  func labels(label: Float) throws {
    let error = #expect(throws: RunError.self) { try Self.layer([0, 0, 0, 0, 0, label]).forward() }
    #expect(
      error?.description == "layer \"layer\" (SegAccuracy): label \(Int(label)) names none of the 3 classes (0 to 2)")
  }

  @Test("refuses labels that do not fit, and tops that nobody asked for")
  func mistakes() {
    func mistake(_ parameters: String, _ labels: Shape = [2, 1, 3, 5], tops: [String] = ["y"]) -> String {
      OneLayer.mistake("type: 'SegAccuracy' \(parameters)", ["x": [2, 4, 3, 5], "l": labels], tops: tops) ?? "none"
    }
    #expect(mistake("", [2, 3, 4]).contains("30 pixels need 30 labels, found 2x3x4"))
    #expect(mistake("", tops: ["y", "z"]).contains("0 output_label need 1 top(s), there are 2"))
    let label = mistake("seg_accuracy_param { output_label: 4 }", tops: ["y", "z"])
    #expect(label.contains("output_label 4 is none of the 4 classes (0 to 3)"))
  }
}
