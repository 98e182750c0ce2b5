import CaffeTesting
import Testing

@Suite("Power")
struct PowerLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: [
      "", "power_param { scale: -2 shift: 1 }", "power_param { power: 0 shift: 3 }", "power_param { power: 2 scale: 0 shift: 3 }",
      "power_param { power: 2 shift: 0.3 }", "power_param { power: 3 scale: 0.5 }",
    ])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Power' \(parameters)", ["x": [2, 3, 4]]))
    try LayerCheck.all(LayerCheck.net("type: 'Power' \(parameters)", ["x": [7]]))
  }

  @Test("keeps the contract of layers for roots and reciprocals", arguments: ["0.5", "-0.75", "-1"])
  func roots(exponent: String) throws {
    let net = LayerCheck.net("type: 'Power' power_param { power: \(exponent) shift: 1 }", ["x": [2, 3, 4]])
    try LayerCheck.all(net, values: ["x": .uniform(0.2...2)])
  }

  @Test("raises shift + scale x to the power, and has a gradient where that is zero")
  func values() throws {
    let layer = try OneLayer("type: 'Power' power_param { power: 3 scale: 2 shift: 1 }", ["x": .of([3], [0, 1, -0.5])])
    #expect(try layer.forward() == [1, 27, 0])
    #expect(try layer.backward(from: [1, 1, 1]) == [6, 54, 0])
  }

  @Test("is constant where nothing of x is left")
  func constant() throws {
    let power = try OneLayer("type: 'Power' power_param { power: 0 }", ["x": .of([2], [0, .nan])])
    #expect(try power.forward() == [1, 1])
    #expect(try power.backward(from: [1, 1]) == [0, 0])
    let scale = try OneLayer("type: 'Power' power_param { power: 3 scale: 0 shift: 2 }", ["x": .of([1], [5])])
    #expect(try scale.forward() == [8])
  }
}
