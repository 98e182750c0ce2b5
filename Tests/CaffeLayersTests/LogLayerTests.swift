import CaffeTesting
import Testing

@Suite("Log")
struct LogLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "log_param { base: 10 }", "log_param { base: 0.5 scale: 0.7 shift: 1 }", "log_param { scale: -1 shift: 5 }"])
  func contract(parameters: String) throws {
    let values: [String: SampleValues] = ["x": .uniform(0.8...2)]
    try LayerCheck.all(LayerCheck.net("type: 'Log' \(parameters)", ["x": [2, 3, 4]]), values: values)
    try LayerCheck.all(LayerCheck.net("type: 'Log' \(parameters)", ["x": [7]]), values: values)
  }

  @Test("takes the logarithm of shift + scale x")
  func values() throws {
    let layer = try OneLayer("type: 'Log' log_param { base: 10 scale: 2 }", ["x": .of([2], [0.5, 50])])
    #expect(isClose(try layer.forward(), [0, 2]))
    #expect(isClose(try layer.backward(from: [1, 1]), [0.868589, 0.00868589]))
  }

  @Test("refuses bases without logarithms")
  func mistakes() {
    let zero = OneLayer.mistake("type: 'Log' log_param { base: 0 }", ["x": [2]])
    #expect(zero?.contains("base 0.0 must be above 0, or -1 for e") == true)
    let one = OneLayer.mistake("type: 'Log' log_param { base: 1 }", ["x": [2]])
    #expect(one?.contains("there are no logarithms to base 1.0") == true)
  }
}
