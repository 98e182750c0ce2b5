import CaffeTesting
import Testing

@Suite("Parameter")
struct ParameterLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    for shape in ["shape { dim: 2 dim: 3 }", "shape { dim: 4 }", ""] {
      try LayerCheck.all(LayerCheck.net("type: 'Parameter' parameter_param { \(shape) }", [:]))
    }
  }

  @Test("gives its blob, which starts at 0, and takes its gradient")
  func values() throws {
    let net = "type: 'Parameter' parameter_param { shape { dim: 2 } }"
    #expect(try OneLayer(net, [:]).forward() == [0, 0])
    let layer = try OneLayer(net, [:], weights: [[1, 2]])
    #expect(try layer.forward() == [1, 2])
    _ = try layer.backward(from: [3, 4])
    #expect(try layer.gradient(ofParameter: 0) == [3, 4])
  }

  @Test("refuses a shape that cannot be")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'Parameter' parameter_param { shape { dim: -2 } }", [:])
    #expect(mistake?.contains("dimension -2 is negative") == true)
  }
}
