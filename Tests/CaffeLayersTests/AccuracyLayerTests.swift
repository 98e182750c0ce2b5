import CaffePlan
import CaffeTesting
import Testing

@Suite("Accuracy")
struct AccuracyLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "top_k: 3", "ignore_label: 1"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net(
      "type: 'Accuracy' accuracy_param { \(parameters) }", ["x": [6, 5, 2], "label": [6, 2]], tops: ["y", "classes"])
    try LayerCheck.all(net, values: ["label": .labels(below: 5)])
  }

  private static func layer(_ parameters: String, _ scores: [Float], _ labels: [Float], tops: [String] = ["y"]) throws -> OneLayer
  {
    let shape = [labels.count, scores.count / labels.count]
    return try OneLayer(
      "type: 'Accuracy' accuracy_param { \(parameters) }", ["x": .of(.init(shape), scores), "l": .of([labels.count], labels)],
      tops: tops)
  }

  @Test("counts ties against the item")
  func ties() throws {
    #expect(try Self.layer("", [1, 1, 0], [0]).forward() == [0])
    #expect(try Self.layer("top_k: 2", [1, 1, 0], [0]).forward() == [1])
  }

  @Test("takes a score of NaN for wrong")
  func nan() throws {
    #expect(try Self.layer("", [.nan, .nan, 1, 2], [0, 1]).forward() == [0.5])
  }

  @Test("leaves out ignored labels, and is zero when none is left")
  func ignored() throws {
    #expect(try Self.layer("ignore_label: 1", [2, 1, 2, 1, 1, 2], [0, 1, 0]).forward() == [0.5])
    #expect(try Self.layer("ignore_label: 0", [2, 1], [0]).forward() == [0])
  }

  @Test("tells each class's share in a second top")
  func classes() throws {
    let layer = try Self.layer("", [3, 1, 0, 3, 1, 0, 0, 1, 0], [0, 1, 1], tops: ["y", "c"])
    #expect(isClose(try layer.forward(), [2.0 / 3]))
    #expect(layer.top("c")?.values == [1, 0.5, 0])
  }

  @Test("ends with an error that names a label out of range")
  func labels() throws {
    let error = #expect(throws: RunError.self) { try Self.layer("", [1, 2], [3]).forward() }
    #expect(error?.description == "layer \"layer\" (Accuracy): label 3 names none of the 2 classes (0 to 1)")
  }
}
