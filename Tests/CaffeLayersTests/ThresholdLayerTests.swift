import CaffeTesting
import Testing

@Suite("Threshold")
struct ThresholdLayerTests {
  @Test("keeps the contract of layers", arguments: ["", "threshold_param { threshold: 0.4 }"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Threshold' \(parameters)", ["x": [2, 3, 4, 5]]))
  }

  @Test("counts what is above, not what is equal")
  func values() throws {
    let layer = try OneLayer("type: 'Threshold' threshold_param { threshold: 1 }", ["x": .of([4], [1, 1.5, 0, .nan])])
    #expect(try layer.forward() == [0, 1, 0, 0])
  }

  @Test("refuses to pass a gradient on")
  func gradient() {
    let net =
      "type: 'InnerProduct' inner_product_param { num_output: 2 } } layer { name: 't' type: 'Threshold' bottom: 'y' top: 't' }"
      + " layer { name: 'l' type: 'EuclideanLoss' bottom: 't' bottom: 'x'"
    let mistake = OneLayer.mistake(net, ["x": [3, 2]]) ?? "none"
    #expect(mistake.contains("layer \"t\" (Threshold) cannot pass a gradient to bottom \"y\""), "\(mistake)")
  }
}
