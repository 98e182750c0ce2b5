import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("MultinomialLogisticLoss")
struct MultinomialLogisticLossLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    for (prob, labels) in [([5, 4], [5]), ([3, 2, 2], [3, 1, 1, 1])] as [(Shape, Shape)] {
      let net = LayerCheck.net("type: 'MultinomialLogisticLoss'", ["x": prob, "l": labels])
      try LayerCheck.all(net, values: ["x": .uniform(0.3...1), "l": .labels(below: 4)])
    }
  }

  private static func layer(_ prob: [Float], _ labels: [Float]) throws -> OneLayer {
    try OneLayer(
      "type: 'MultinomialLogisticLoss'", ["x": .of([labels.count, 2], prob), "l": .of([labels.count], labels)])
  }

  @Test("takes the logarithm of the labelled probabilities")
  func values() throws {
    let layer = try Self.layer([0.5, 0.5, 0.25, 0.75], [0, 1])
    #expect(isClose(try layer.forward(), [0.4904146]))
    #expect(isClose(try layer.backward(), [-1, 0, 0, -0.6666667]))
  }

  @Test("costs at most 46.05 an item")
  func cap() throws {
    #expect(isClose(try Self.layer([0, 1], [0]).forward(), [46.0517], within: 1e-3))
  }

  @Test("ends with an error that names a label out of range", arguments: [(Float(2), "2"), (-1, "-1"), (.nan, "nan")])
  func labels(label: Float, name: String) throws {
    let error = #expect(throws: RunError.self) { try Self.layer([0.5, 0.5], [label]).forward() }
    #expect(
      error?.description == "layer \"layer\" (MultinomialLogisticLoss): label \(name) names none of the 2 classes (0 to 1)")
  }

  @Test("refuses fewer labels than items, and items without classes")
  func mistakes() {
    let labels = OneLayer.mistake("type: 'MultinomialLogisticLoss'", ["x": [2, 3], "l": [1]])
    #expect(labels?.contains("2 items need 2 labels, found 1") == true)
    let classes = OneLayer.mistake("type: 'MultinomialLogisticLoss'", ["x": [2, 0], "l": [2]])
    #expect(classes?.contains("needs a first bottom NxC with at least 1 class, found 2x0") == true)
  }
}
