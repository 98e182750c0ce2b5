import CaffeTesting
import Testing

@Suite("Flatten")
struct FlattenLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "axis: 2", "axis: 0 end_axis: 1", "axis: -2 end_axis: -1", "axis: 1 end_axis: 1"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'Flatten' flatten_param { \(parameters) }", ["x": [2, 3, 4, 5]])
    try LayerCheck.all(net)
  }

  @Test("makes one axis of several and keeps the order")
  func values() throws {
    let layer = try OneLayer("type: 'Flatten' flatten_param { axis: 0 end_axis: 1 }", ["x": .of([2, 1, 2], [1, 2, 3, 4])])
    #expect(try layer.forward() == [1, 2, 3, 4])
    #expect(layer.top("y")?.shape == [2, 2])
  }

  @Test("refuses axes in the wrong order")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'Flatten' flatten_param { axis: 2 end_axis: 1 }", ["x": [2, 3, 4]])
    #expect(mistake?.contains("end_axis 1 lies before axis 2 in 2x3x4") == true)
  }
}
