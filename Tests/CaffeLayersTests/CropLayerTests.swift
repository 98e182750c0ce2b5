import CaffeCore
import CaffeTesting
import Testing

@Suite("Crop")
struct CropLayerTests {
  @Test("keeps the contract of layers")
  func contract() throws {
    let two = LayerCheck.net("type: 'Crop' crop_param { offset: 1 offset: 2 }", ["x": [2, 3, 7, 8], "r": [9, 1, 4, 5]])
    try LayerCheck.all(two)
    let one = LayerCheck.net("type: 'Crop' crop_param { axis: 1 offset: 1 }", ["x": [2, 5, 7, 8], "r": [2, 3, 4, 5]])
    try LayerCheck.all(one)
    try LayerCheck.all(LayerCheck.net("type: 'Crop' crop_param { axis: -1 }", ["x": [4, 6], "r": [4, 3]]))
    try LayerCheck.all(LayerCheck.net("type: 'Crop' crop_param { axis: 0 }", ["x": [6], "r": [2]]))
  }

  private static func layer(_ parameters: String) throws -> OneLayer {
    try OneLayer(
      "type: 'Crop' crop_param { \(parameters) }",
      ["x": .of([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]), "r": .of([1, 1, 2, 2], [0, 0, 0, 0])])
  }

  @Test("cuts from the offsets on, and lends the second bottom no gradient")
  func values() throws {
    #expect(try Self.layer("").forward() == [1, 2, 4, 5])
    #expect(try Self.layer("offset: 1").forward() == [5, 6, 8, 9])
    let layer = try Self.layer("offset: 0 offset: 1")
    #expect(try layer.forward() == [2, 3, 5, 6])
    #expect(try layer.backward(from: [1, 2, 3, 4]) == [0, 1, 2, 0, 3, 4, 0, 0, 0])
    #expect(try layer.backward("r", from: [1, 2, 3, 4]) == [0, 0, 0, 0])
  }

  @Test("refuses what does not fit")
  func mistakes() {
    func mistake(_ parameters: String, _ size: Shape = [1, 1, 2, 2]) -> String {
      OneLayer.mistake("type: 'Crop' crop_param { \(parameters) }", ["x": [1, 1, 3, 3], "r": size]) ?? "none"
    }
    #expect(mistake("offset: 2").contains("2 from 2 on do not fit the extent 3 of axis 2"))
    #expect(mistake("", [1, 1, 4, 2]).contains("4 from 0 on do not fit the extent 3 of axis 2"))
    #expect(
      mistake("offset: 0 offset: 0 offset: 0").contains("2 axes from axis 2 on need no offset, one, or one each; 3 given"))
    #expect(mistake("", [2, 2]).contains("the second bottom must have the first's 4 axes, found 2x2"))
    #expect(mistake("axis: 4").contains("axis 4 is out of range"))
  }
}
