import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("Embed")
struct EmbedLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "bias_term: false"])
  func contract(parameters: String) throws {
    for shape: Shape in [[3, 5], [7], []] {
      let net = LayerCheck.net("type: 'Embed' embed_param { input_dim: 6 num_output: 4 \(parameters) }", ["i": shape])
      try LayerCheck.all(net, values: ["i": .labels(below: 6)])
    }
  }

  private static func layer(_ numbers: [Float]) throws -> OneLayer {
    try OneLayer(
      "type: 'Embed' embed_param { input_dim: 3 num_output: 2 }", ["i": .of([numbers.count], numbers)],
      weights: [[1, 2, 3, 4, 5, 6], [10, 20]])
  }

  @Test("looks vectors up, and adds gradients where they were found")
  func values() throws {
    let layer = try Self.layer([2, 0, 2])
    #expect(try layer.forward() == [15, 26, 11, 22, 15, 26])
    _ = try layer.backward(from: [1, 1, 2, 2, 4, 4])
    #expect(try layer.gradient(ofParameter: 0) == [2, 2, 0, 0, 5, 5])
    #expect(try layer.gradient(ofParameter: 1) == [7, 7])
  }

  @Test("ends with an error that names a number without a row", arguments: [3, -1, Float.nan])
  func numbers(number: Float) throws {
    let error = #expect(throws: RunError.self) { try Self.layer([0, number]).forward() }
    #expect(error?.description == "layer \"layer\" (Embed): \(number) at 1 names none of the 3 rows (0 to 2)")
  }

  @Test("refuses an empty table")
  func mistakes() {
    let rows = OneLayer.mistake("type: 'Embed' embed_param { num_output: 2 }", ["i": [2]])
    #expect(rows?.contains("input_dim must be at least 1") == true)
    let outputs = OneLayer.mistake("type: 'Embed' embed_param { input_dim: 2 }", ["i": [2]])
    #expect(outputs?.contains("num_output must be at least 1") == true)
  }
}
