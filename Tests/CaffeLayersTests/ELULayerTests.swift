import CaffeTesting
import Testing

@Suite("ELU")
struct ELULayerTests {
  @Test("keeps the contract of layers", arguments: ["", "elu_param { alpha: 0.3 }", "elu_param { alpha: -0.7 }"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'ELU' \(parameters)", ["x": [2, 3, 4, 5]]), kinks: [0])
    try LayerCheck.all(LayerCheck.net("type: 'ELU' \(parameters)", ["x": [7]]), kinks: [0])
  }

  @Test("bends what is below zero, and has slope alpha at zero")
  func values() throws {
    let layer = try OneLayer("type: 'ELU' elu_param { alpha: 2 }", ["x": .of([4], [-1, 0, 3, -100])])
    #expect(isClose(try layer.forward(), [-1.2642411, 0, 3, -2]))
    #expect(isClose(try layer.backward(from: [1, 1, 1, 1]), [0.7357589, 2, 1, 0]))
  }
}
