import CaffeCore
import CaffeTesting
import Testing

@Suite("Filter")
struct FilterLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    let net = LayerCheck.net("type: 'Filter'", ["x": [6, 2, 3], "keep": [6]])
    try LayerCheck.all(net, values: ["keep": .labels(below: 2)])
    let two = LayerCheck.net("type: 'Filter'", ["a": [4, 3], "b": [4], "keep": [4, 1, 1]], tops: ["ya", "yb"])
    try LayerCheck.all(two, values: ["keep": .labels(below: 2)])
  }

  @Test("keeps the items whose selector is not 0, in their order", arguments: [false, true])
  func values(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'Filter'", ["x": .of([4, 2], [1, 2, 3, 4, 5, 6, 7, 8]), "keep": .of([4], [0, 1, 0, -2])], fast: fast)
    #expect(try layer.forward() == [3, 4, 7, 8])
    #expect(layer.top("y")?.shape == [2, 2])
    #expect(try layer.backward(from: [10, 20, 30, 40]) == [0, 0, 10, 20, 0, 0, 30, 40])
  }

  @Test("may keep nothing, or everything")
  func extremes() throws {
    func kept(_ selector: [Float]) throws -> Shape? {
      let layer = try OneLayer("type: 'Filter'", ["x": Tensor([3, 2]), "keep": .of([3], selector)])
      _ = try layer.forward()
      return layer.top("y")?.shape
    }
    #expect(try kept([0, 0, 0]) == [0, 2])
    #expect(try kept([1, 1, 1]) == [3, 2])
  }

  @Test("refuses a selector of another size, and a wrong number of tops")
  func mistakes() {
    let uneven = OneLayer.mistake("type: 'Filter'", ["x": [4, 2], "keep": [3]]) ?? "none"
    #expect(uneven.contains("the selector has 3 items where another bottom has shape 4x2"))
    let wide = OneLayer.mistake("type: 'Filter'", ["x": [4, 2], "keep": [4, 2]]) ?? "none"
    #expect(wide.contains("the selector (the last bottom) holds one number an item"))
    let tops = OneLayer.mistake("type: 'Filter'", ["x": [4, 2], "keep": [4]], tops: ["a", "b"]) ?? "none"
    #expect(tops.contains("needs a top for every bottom but the selector: 1, 2 given"))
  }
}
