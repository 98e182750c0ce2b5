import CaffeTesting
import Testing

@Suite("ReLU6")
struct ReLU6LayerTests {
  @Test(
    "keeps the contract of layers", arguments: ["", "relu6_param { negative_slope: 0.1 }", "relu6_param { negative_slope: -4 }"])
  func contract(parameters: String) throws {
    // −1.5 · −4 is 6 as well.
    let net = LayerCheck.net("type: 'ReLU6' \(parameters)", ["x": [2, 3, 4, 5]])
    try LayerCheck.all(net, values: ["x": .uniform(-3...8)], kinks: [0, 6, -1.5])
  }

  @Test("holds values between 0 and 6")
  func values() throws {
    let layer = try OneLayer("type: 'ReLU6'", ["x": .of([5], [-1, 0, 3, 6, 9])])
    #expect(try layer.forward() == [0, 0, 3, 6, 6])
    #expect(try layer.backward(from: [1, 1, 1, 1, 1]) == [0, 0, 1, 0, 0])
    let leaky = try OneLayer("type: 'ReLU6' relu6_param { negative_slope: 0.5 }", ["x": .of([3], [-2, 3, 9])])
    #expect(try leaky.forward() == [-1, 3, 6])
    #expect(try leaky.backward(from: [1, 1, 1]) == [0.5, 1, 0])
  }

  @Test("refuses a slope that is no number")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'ReLU6' relu6_param { negative_slope: nan }", ["x": [3]])
    #expect(mistake?.contains("negative_slope must be a number") == true)
  }
}
