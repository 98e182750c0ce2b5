import CaffeTesting
import Testing

@Suite("LRN")
struct LRNLayerTests {
  private static let variants = [
    "", "local_size: 3 alpha: 0.5 beta: 0.6", "local_size: 5 alpha: 2 beta: 0.75 k: 2", "local_size: 1",
    "norm_region: WITHIN_CHANNEL local_size: 3 alpha: 2", "norm_region: WITHIN_CHANNEL local_size: 5 beta: 0.6",
  ]

  @Test("keeps the contract of layers across channels and within", arguments: variants)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'LRN' lrn_param { \(parameters) }", ["x": [2, 7, 3, 4]])
    try LayerCheck.all(net)
  }

  @Test("divides alpha by the size and adds k across channels", arguments: [false, true])
  func across(fast: Bool) throws {
    let layer = try OneLayer(
      "type: 'LRN' lrn_param { local_size: 3 alpha: 3 beta: 1 k: 2 }", ["x": .of([1, 3, 1, 1], [1, 2, 3])], fast: fast)
    #expect(isClose(try layer.forward(), [1 / 7, 2 / 16, 3 / 15]))
  }

  @Test("divides alpha by the area within a channel, and does not look at k there")
  func within() throws {
    let layer = try OneLayer(
      "type: 'LRN' lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 alpha: 9 beta: 1 k: 100 }",
      ["x": .of([1, 1, 1, 3], [1, 2, 3])])
    #expect(isClose(try layer.forward(), [1 / 6, 2 / 15, 3 / 14]))
  }

  @Test("refuses an even size")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'LRN' lrn_param { local_size: 4 }", ["x": [1, 4, 2, 2]])
    #expect(mistake?.contains("local_size must be odd, it is 4") == true)
  }
}
