import CaffeCore
import CaffeTesting
import Testing

@Suite("Reorg")
struct ReorgLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "reorg_param { stride: 2 reverse: true }", "reorg_param { stride: 1 }"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Reorg' \(parameters)", ["x": [2, 8, 4, 6]]))
  }

  private static let numbers = (0..<16).map { Float($0) }

  @Test("has Darknet's order: the bottom is read as a plane four times as large")
  func values() throws {
    let layer = try OneLayer("type: 'Reorg' reorg_param { stride: 2 }", ["x": .of([1, 4, 2, 2], Self.numbers)])
    #expect(try layer.forward() == [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15])
    #expect(layer.top("y")?.shape == [1, 16, 1, 1])
    #expect(try layer.backward(from: [0, 2, 8, 10, 1, 3, 9, 11, 4, 6, 12, 14, 5, 7, 13, 15]) == Self.numbers)
  }

  @Test("reversed, lays channels out as squares")
  func reverse() throws {
    let layer = try OneLayer("type: 'Reorg' reorg_param { stride: 2 reverse: true }", ["x": .of([1, 4, 2, 2], Self.numbers)])
    #expect(try layer.forward() == [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15])
    #expect(layer.top("y")?.shape == [1, 1, 4, 4])
    #expect(try layer.backward(from: [0, 4, 1, 5, 8, 12, 9, 13, 2, 6, 3, 7, 10, 14, 11, 15]) == Self.numbers)
  }

  @Test("refuses what does not come out even")
  func mistakes() {
    func mistake(_ parameters: String, _ shape: Shape) -> String {
      OneLayer.mistake("type: 'Reorg' reorg_param { \(parameters) }", ["x": shape]) ?? "none"
    }
    #expect(mistake("", [1, 6, 4, 4]).contains("6 channels are no multiple of stride · stride, 4"))
    #expect(mistake("", [1, 4, 4, 5]).contains("a plane of 4x5 does not split into steps of 2"))
    #expect(mistake("stride: 0", [1, 4, 4, 4]).contains("stride must be 1 to 32768"))
    #expect(mistake("", [4, 4, 4]).contains("needs a bottom with 4 axes (N, C, H, W), found 4x4x4"))
  }
}
