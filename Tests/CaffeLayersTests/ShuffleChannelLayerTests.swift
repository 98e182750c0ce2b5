import CaffeCore
import CaffeTesting
import Testing

@Suite("ShuffleChannel")
struct ShuffleChannelLayerTests {
  @Test("keeps the contract of layers", arguments: [1, 2, 3, 6])
  func contract(group: Int) throws {
    for shape: Shape in [[2, 6, 3, 2], [3, 6]] {
      let net = LayerCheck.net("type: 'ShuffleChannel' shuffle_channel_param { group: \(group) }", ["x": shape])
      try LayerCheck.all(net)
    }
  }

  @Test("deals the channels of the groups out in turns")
  func values() throws {
    let layer = try OneLayer(
      "type: 'ShuffleChannel' shuffle_channel_param { group: 2 }", ["x": .of([2, 6], (0..<12).map { Float($0) })])
    #expect(try layer.forward() == [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11])
    #expect(try layer.backward(from: (0..<12).map { Float($0) }) == [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11])
  }

  @Test("refuses groups that do not come out even")
  func mistakes() {
    func mistake(_ group: Int, _ shape: Shape = [2, 6]) -> String {
      OneLayer.mistake("type: 'ShuffleChannel' shuffle_channel_param { group: \(group) }", ["x": shape]) ?? "none"
    }
    #expect(mistake(4).contains("6 channels do not split into 4 group(s)"))
    #expect(mistake(0).contains("group must be at least 1"))
    #expect(mistake(1, [6]).contains("needs a bottom with at least 2 axes (N, C), found 6"))
  }
}
