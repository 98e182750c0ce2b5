import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("HingeLoss")
struct HingeLossLayerTests {
  @Test("keeps the contract of layers", arguments: ["L1", "L2"])
  func contract(norm: String) throws {
    for (scores, labels) in [([5, 4], [5]), ([3, 2, 2], [3, 1])] as [(Shape, Shape)] {
      let net = LayerCheck.net("type: 'HingeLoss' hinge_loss_param { norm: \(norm) }", ["x": scores, "l": labels])
      try LayerCheck.all(net, values: ["l": .labels(below: 4)], kinks: [-1, 1])
    }
  }

  private static func layer(_ norm: String, label: Float = 0) throws -> OneLayer {
    try OneLayer(
      "type: 'HingeLoss' hinge_loss_param { norm: \(norm) }", ["x": .of([1, 3], [0.5, -2, 0.25]), "l": .of([1], [label])])
  }

  @Test("sums what is within the margin, or its squares")
  func values() throws {
    let linear = try Self.layer("L1")
    #expect(try linear.forward() == [1.75])
    #expect(try linear.backward() == [-1, 0, 1])
    let squared = try Self.layer("L2")
    #expect(try squared.forward() == [1.8125])
    #expect(try squared.backward() == [-1, 0, 2.5])
  }

  @Test("ends with an error that names a label out of range", arguments: [(Float(3), "3"), (-1, "-1"), (.nan, "nan")])
  func labels(label: Float, name: String) throws {
    let error = #expect(throws: RunError.self) { try Self.layer("L1", label: label).forward() }
    #expect(error?.description == "layer \"layer\" (HingeLoss): label \(name) names none of the 3 classes (0 to 2)")
  }

  @Test("refuses more labels than items")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'HingeLoss'", ["x": [2, 3], "l": [2, 2]])
    #expect(mistake?.contains("2 items need 2 labels, found 2x2") == true)
  }
}
