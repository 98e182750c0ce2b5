import CaffeTesting
import Testing

@Suite("ContrastiveLoss")
struct ContrastiveLossLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "margin: 9", "margin: 2.7 legacy_version: true", "margin: 50 legacy_version: true"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net(
      "type: 'ContrastiveLoss' contrastive_loss_param { \(parameters) }", ["a": [6, 3], "b": [6, 3], "s": [6]])
    try LayerCheck.all(net, values: ["s": .labels(below: 2)])
  }

  private static func layer(_ parameters: String = "", b: [Float] = [0, 0.5]) throws -> OneLayer {
    try OneLayer(
      "type: 'ContrastiveLoss' contrastive_loss_param { \(parameters) }",
      ["x": .of([2, 1], [1, 0]), "b": .of([2, 1], b), "s": .of([2], [1, 0])])
  }

  @Test("pulls similar pairs together and pushes others to the margin")
  func values() throws {
    let layer = try Self.layer()
    #expect(try layer.forward() == [0.3125])
    #expect(isClose(try layer.backward(), [0.5, 0.24995], within: 1e-6))
    #expect(isClose(try layer.backward("b"), [-0.5, -0.24995], within: 1e-6))
    let apart = try Self.layer("margin: 0.25")
    #expect(try apart.forward() == [0.25])
    #expect(try apart.backward() == [0.5, 0])
  }

  @Test("takes the margin from the squared distance in the legacy version")
  func legacy() throws {
    let layer = try Self.layer("legacy_version: true")
    #expect(try layer.forward() == [0.4375])
    #expect(try layer.backward() == [0.5, 0.25])
  }

  @Test("stays finite for dissimilar items that are equal")
  func equal() throws {
    let layer = try Self.layer(b: [0, 0])
    #expect(try layer.forward() == [0.5])
    #expect(try layer.backward() == [0.5, 0])
  }

  @Test("refuses pairs that do not match")
  func mistakes() {
    let shapes = OneLayer.mistake("type: 'ContrastiveLoss'", ["a": [2, 3], "b": [2, 4], "s": [2]])
    #expect(shapes?.contains("needs two bottoms NxC of the same shape, found 2x3 and 2x4") == true)
    let labels = OneLayer.mistake("type: 'ContrastiveLoss'", ["a": [2, 3], "b": [2, 3], "s": [3]])
    #expect(labels?.contains("2 pairs need 2 labels, found 3") == true)
  }
}
