import CaffeCore
import CaffeTesting
import Testing

@Suite("LSTMUnit")
struct LSTMUnitLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    let net = LayerCheck.net("type: 'LSTMUnit'", ["c": [1, 6, 4], "x": [1, 6, 16], "cont": [1, 6]], tops: ["y", "h"])
    try LayerCheck.all(net, values: ["cont": .labels(below: 2)])
  }

  @Test("forgets half with gates half open, and everything where a sequence begins")
  func values() throws {
    let layer = try OneLayer(
      "type: 'LSTMUnit'",
      ["x": .of([1, 2, 1], [2, 2]), "g": .of([1, 2, 4], [Float](repeating: 0, count: 8)), "cont": .of([1, 2], [1, 0])],
      tops: ["y", "h"])
    #expect(try layer.forward() == [1, 0])
    #expect(isClose(layer.top("h")?.values ?? [], [0.3807971, 0]))
    #expect(isClose(try layer.backward(from: [1, 1]), [0.5, 0]))
    #expect(isClose(try layer.backward("g", from: [1, 1]), [0, 0.5, 0, 0.5, 0, 0, 0, 0.5]))
  }

  @Test("refuses gates that do not fit")
  func mistakes() {
    func mistake(_ c: Shape, _ x: Shape, _ cont: Shape) -> String {
      OneLayer.mistake("type: 'LSTMUnit'", ["c": c, "x": x, "cont": cont], tops: ["y", "h"]) ?? "none"
    }
    #expect(mistake([2, 3, 4], [1, 3, 16], [1, 3]).contains("c needs the shape 1xNxH, found 2x3x4"))
    #expect(mistake([1, 3, 4], [1, 3, 15], [1, 3]).contains("the gates' sums must be 1x3x16, found 1x3x15"))
    #expect(mistake([1, 3, 4], [1, 3, 16], [3]).contains("cont must be 1x3, found 3"))
  }
}
