import CaffeTesting
import Testing

@Suite("Exp")
struct ExpLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: [
      "", "exp_param { base: 2 }", "exp_param { base: 0.3 scale: 0.7 shift: -1 }", "exp_param { scale: -0.5 shift: 0.2 }",
    ])
  func contract(parameters: String) throws {
    let values: [String: SampleValues] = ["x": .uniform(-1...1)]
    try LayerCheck.all(LayerCheck.net("type: 'Exp' \(parameters)", ["x": [2, 3, 4]]), values: values)
    try LayerCheck.all(LayerCheck.net("type: 'Exp' \(parameters)", ["x": [7]]), values: values)
  }

  @Test("raises the base to shift + scale x")
  func values() throws {
    let layer = try OneLayer("type: 'Exp' exp_param { base: 2 scale: 3 shift: 1 }", ["x": .of([2], [0, 1])])
    #expect(isClose(try layer.forward(), [2, 16]))
    #expect(isClose(try layer.backward(from: [1, 1]), [4.158883, 33.27106], within: 1e-4))
    #expect(isClose(try OneLayer("type: 'Exp'", ["x": .of([2], [0, 1])]).forward(), [1, 2.7182817]))
  }

  @Test("refuses a base without powers", arguments: ["0", "-2", "inf", "nan"])
  func mistakes(base: String) {
    let mistake = OneLayer.mistake("type: 'Exp' exp_param { base: \(base) }", ["x": [2]]) ?? "none"
    #expect(mistake.contains("must be above 0, or -1 for e"), "\(mistake)")
  }
}
