import CaffeTesting
import Testing

@Suite("Clip")
struct ClipLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    let net = LayerCheck.net("type: 'Clip' clip_param { min: -0.5 max: 1 }", ["x": [2, 3, 4, 5]])
    try LayerCheck.all(net, kinks: [-0.5, 1])
    try LayerCheck.all(LayerCheck.net("type: 'Clip' clip_param { min: 1 max: 1 }", ["x": [7]]), kinks: [1])
  }

  @Test("holds values between the bounds, and lets the gradient pass on them")
  func values() throws {
    let layer = try OneLayer("type: 'Clip' clip_param { min: -1 max: 2 }", ["x": .of([5], [-3, -1, 0.5, 2, 5])])
    #expect(try layer.forward() == [-1, -1, 0.5, 2, 2])
    #expect(try layer.backward(from: [1, 2, 3, 4, 5]) == [0, 2, 3, 4, 0])
  }

  @Test("leaves NaN to be seen")
  func nan() throws {
    #expect(try OneLayer("type: 'Clip' clip_param { min: 0 max: 1 }", ["x": .of([1], [.nan])]).forward()[0].isNaN)
  }

  @Test("refuses missing and crossed bounds")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'Clip' \(parameters)", ["x": [2]]) ?? "none"
    }
    #expect(mistake("").contains("layer \"layer\" (Clip): min is missing"))
    #expect(mistake("clip_param { min: 1 }").contains("max is missing"))
    #expect(mistake("clip_param { min: 2 max: 1 }").contains("min 2.0 is not below max 1.0"))
  }
}
