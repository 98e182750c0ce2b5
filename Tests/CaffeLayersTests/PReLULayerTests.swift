import CaffeTesting
import Testing

@Suite("PReLU")
struct PReLULayerTests {
  @Test(
    "keeps the contract of layers, with slopes per channel and with one for all",
    arguments: ["", "prelu_param { channel_shared: true }"])
  func contract(parameters: String) throws {
    for shape in [[2, 3, 4, 5], [4, 3]] as [[Int]] {
      let net = LayerCheck.net("type: 'PReLU' \(parameters)", ["x": .init(shape)])
      try LayerCheck.all(net, kinks: [0])
    }
  }

  @Test("starts with a slope of 0.25 and learns from negative inputs only")
  func values() throws {
    let layer = try OneLayer("type: 'PReLU'", ["x": .of([1, 2, 2], [-4, 2, -8, -2])])
    #expect(try layer.forward() == [-1, 2, -2, -0.5])
    #expect(try layer.backward(from: [1, 2, 3, 4]) == [0.25, 2, 0.75, 1])
    #expect(try layer.gradient(ofParameter: 0) == [-4, -32])
  }
}
