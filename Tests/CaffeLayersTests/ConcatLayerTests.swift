import CaffeTesting
import Testing

@Suite("Concat")
struct ConcatLayerTests {
  @Test("keeps the contract of layers along every axis", arguments: [0, 1, 2, 3, -1])
  func contract(axis: Int) throws {
    let net = LayerCheck.net(
      "type: 'Concat' concat_param { axis: \(axis) }", ["a": [2, 3, 4, 5], "b": [2, 3, 4, 5], "c": [2, 3, 4, 5]])
    try LayerCheck.all(net)
  }

  @Test("keeps the contract of layers for unlike extents, for one bottom and under the old name of the axis")
  func others() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Concat'", ["a": [2, 3, 4, 4], "b": [2, 16, 4, 4]]))
    try LayerCheck.all(LayerCheck.net("type: 'Concat'", ["a": [2, 3]]))
    try LayerCheck.all(LayerCheck.net("type: 'Concat' concat_param { concat_dim: 0 }", ["a": [2, 3], "b": [4, 3]]))
  }

  @Test("puts its bottoms side by side")
  func values() throws {
    let layer = try OneLayer("type: 'Concat'", ["a": .of([2, 1], [1, 2]), "x": .of([2, 2], [3, 4, 5, 6])])
    #expect(try layer.forward() == [1, 3, 4, 2, 5, 6])
    #expect(try layer.backward(from: [1, 2, 3, 4, 5, 6]) == [2, 3, 5, 6])
  }

  @Test("refuses bottoms that differ in another axis")
  func mistakes() {
    let mistake = OneLayer.mistake("type: 'Concat'", ["a": [2, 3], "b": [3, 3]])
    #expect(mistake?.contains("2x3 and 3x3 differ in more than axis 1") == true)
  }
}
