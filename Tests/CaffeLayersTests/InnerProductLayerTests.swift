import CaffeTesting
import Testing

@Suite("InnerProduct")
struct InnerProductLayerTests {
  private static let variants = [
    "", "bias_term: false", "transpose: true", "axis: 2", "axis: -1 transpose: true bias_term: false",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'InnerProduct' inner_product_param { num_output: 5 \(parameters) }", ["x": [4, 3, 2, 3]])
    try LayerCheck.all(net)
  }

  @Test("keeps the contract of layers for one row and for many outputs", arguments: [1, 5])
  func sizes(rows: Int) throws {
    let net = LayerCheck.net("type: 'InnerProduct' inner_product_param { num_output: 67 }", ["x": [rows, 33]])
    try LayerCheck.all(net)
  }

  @Test("multiplies by stored rows, or by columns when transposed", arguments: [false, true])
  func values(fast: Bool) throws {
    let plain = try OneLayer(
      "type: 'InnerProduct' inner_product_param { num_output: 2 }", ["x": .of([1, 3], [1, 2, 3])],
      weights: [[1, 0, 2, 0, 1, -1], [10, 20]], fast: fast)
    #expect(try plain.forward() == [17, 19])
    #expect(try plain.backward(from: [1, 2]) == [1, 2, 0])
    #expect(try plain.gradient(ofParameter: 0) == [1, 2, 3, 2, 4, 6])
    let transposed = try OneLayer(
      "type: 'InnerProduct' inner_product_param { num_output: 2 transpose: true bias_term: false }",
      ["x": .of([1, 3], [1, 2, 3])], weights: [[1, 0, 0, 1, 2, -1]], fast: fast)
    #expect(try transposed.forward() == [7, -1])
    #expect(try transposed.backward(from: [1, 2]) == [1, 2, 0])
    #expect(try transposed.gradient(ofParameter: 0) == [1, 2, 2, 4, 3, 6])
  }
}
