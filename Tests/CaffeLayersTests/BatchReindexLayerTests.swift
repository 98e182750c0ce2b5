import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("BatchReindex")
struct BatchReindexLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    for shape: Shape in [[5, 3, 2], [5]] {
      let net = LayerCheck.net("type: 'BatchReindex'", ["x": shape, "i": [7]])
      try LayerCheck.all(net, values: ["i": .labels(below: 5)])
    }
  }

  private static func layer(_ numbers: [Float]) throws -> OneLayer {
    try OneLayer("type: 'BatchReindex'", ["x": .of([3, 2], [1, 2, 3, 4, 5, 6]), "i": .of([numbers.count], numbers)])
  }

  @Test("picks items, and adds the gradients of one that was picked twice")
  func values() throws {
    #expect(try Self.layer([2, 0]).forward() == [5, 6, 1, 2])
    let twice = try Self.layer([1, 1])
    #expect(try twice.forward() == [3, 4, 3, 4])
    #expect(try twice.backward(from: [1, 2, 3, 4]) == [0, 0, 4, 6, 0, 0])
  }

  @Test("ends with an error that names a number without an item", arguments: [3, -1, Float.nan])
  func numbers(number: Float) throws {
    let error = #expect(throws: RunError.self) { try Self.layer([number]).forward() }
    #expect(error?.description == "layer \"layer\" (BatchReindex): \(number) at 0 names none of the 3 items (0 to 2)")
  }

  @Test("refuses numbers that are no list")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'BatchReindex'", ["x": [3, 2], "i": [2, 1]])
    #expect(mistake?.contains("the numbers of items need 1 axis, found 2x1") == true)
  }
}
