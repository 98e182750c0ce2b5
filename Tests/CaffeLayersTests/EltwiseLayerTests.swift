import CaffeTesting
import Testing

@Suite("Eltwise")
struct EltwiseLayerTests {
  private static let operations = [
    "SUM", "SUM coeff: 0.5 coeff: -2 coeff: 1", "PROD", "PROD stable_prod_grad: false",
  ]

  @Test("keeps the contract of layers", arguments: operations)
  func contract(operation: String) throws {
    let net = LayerCheck.net(
      "type: 'Eltwise' eltwise_param { operation: \(operation) }", ["a": [2, 3, 4, 5], "b": [2, 3, 4, 5], "c": [2, 3, 4, 5]])
    // The shortcut y / x needs factors away from zero.
    try LayerCheck.all(net, values: ["a": .uniform(0.5...2), "b": .uniform(0.5...2), "c": .uniform(0.5...2)])
  }

  @Test("keeps the contract of layers for MAX of two and three")
  func maximum() throws {
    let two = LayerCheck.net("type: 'Eltwise' eltwise_param { operation: MAX }", ["a": [2, 40], "b": [2, 40]])
    try LayerCheck.all(two, values: ["a": .distinct(spacing: 0.1), "b": .distinct(spacing: 0.13)])
    let three = LayerCheck.net("type: 'Eltwise' eltwise_param { operation: MAX }", ["a": [7], "b": [7], "c": [7]])
    let values: [String: SampleValues] = [
      "a": .distinct(spacing: 0.7), "b": .distinct(spacing: 0.9), "c": .distinct(spacing: 1.3),
    ]
    try LayerCheck.all(three, values: values)
  }

  @Test("gives a tie of the first two to the second, and of later ones to the earlier")
  func ties() throws {
    let layer = try OneLayer(
      "type: 'Eltwise' eltwise_param { operation: MAX }",
      ["a": .of([3], [1, 5, 0]), "b": .of([3], [1, 2, 4]), "c": .of([3], [1, 5, 4])])
    #expect(try layer.forward() == [1, 5, 4])
    #expect(try layer.backward("a", from: [1, 1, 1]) == [0, 1, 0])
    #expect(try layer.backward("b", from: [1, 1, 1]) == [1, 0, 1])
    #expect(try layer.backward("c", from: [1, 1, 1]) == [0, 0, 0])
  }

  @Test("multiplies the others for PROD's gradient, zeros included")
  func product() throws {
    let layer = try OneLayer(
      "type: 'Eltwise' eltwise_param { operation: PROD }",
      ["x": .of([2], [0, 2]), "b": .of([2], [3, 4]), "c": .of([2], [5, 6])])
    #expect(try layer.forward() == [0, 48])
    #expect(try layer.backward(from: [1, 1]) == [15, 24])
  }

  @Test("weighs its bottoms for SUM", arguments: [false, true])
  func sum(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Eltwise' eltwise_param { coeff: 2 coeff: -1 }", ["a": .of([2], [1, 2]), "x": .of([2], [10, 20])], fast: fast)
    #expect(try layer.forward() == [-8, -16])
    #expect(try layer.backward(from: [1, 3]) == [-1, -3])
  }

  @Test("refuses bottoms of several shapes and coefficients that do not fit")
  func mistakes() {
    let shapes = OneLayer.mistake("type: 'Eltwise'", ["a": [2, 3], "b": [3, 2]])
    #expect(shapes?.contains("all bottoms must have the same shape, found 2x3 and 3x2") == true)
    let coefficients = OneLayer.mistake("type: 'Eltwise' eltwise_param { coeff: 1 }", ["a": [2], "b": [2]])
    #expect(coefficients?.contains("2 bottoms need 2 coeff, 1 given") == true)
  }
}
