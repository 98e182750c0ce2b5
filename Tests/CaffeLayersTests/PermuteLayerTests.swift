import CaffeCore
import CaffeTesting
import Testing

@Suite("Permute")
struct PermuteLayerTests {
  private static func net(_ order: [Int], _ shape: Shape) -> String {
    LayerCheck.net("type: 'Permute' permute_param { \(order.map { "order: \($0) " }.joined()) }", ["x": shape])
  }

  @Test("keeps the contract of layers")
  func contract() throws {
    try LayerCheck.all(Self.net([0, 2, 3, 1], [2, 3, 4, 5]))
    try LayerCheck.all(Self.net([3, 1], [2, 3, 4, 5]))
    try LayerCheck.all(Self.net([], [2, 3, 4]))
    try LayerCheck.all(Self.net([1], [4, 3]))
    try LayerCheck.all(Self.net([0], [7]))
    try LayerCheck.all(Self.net([2, 1, 0], [1, 3, 1]))
  }

  @Test("moves every number to where its axes say", arguments: [[0, 2, 1], [2, 0, 1], [1], [2, 1, 0], []])
  func values(order: [Int]) throws {
    let (shape, axes) = ([2, 3, 4], order + (0..<3).filter { !order.contains($0) })
    let x = (0..<24).map { Float($0) }
    let parameters = "permute_param { \(order.map { "order: \($0) " }.joined()) }"
    let layer = try OneLayer("type: 'Permute' \(parameters)", ["x": .of(Shape(shape), x)])
    let y = try layer.forward()
    let extents = axes.map { shape[$0] }
    #expect(layer.top("y")?.shape == Shape(extents))
    for i in 0..<extents[0] {
      for j in 0..<extents[1] {
        for k in 0..<extents[2] {
          var place = [0, 0, 0]
          for (axis, index) in zip(axes, [i, j, k]) { place[axis] = index }
          #expect(y[(i * extents[1] + j) * extents[2] + k] == Float((place[0] * 3 + place[1]) * 4 + place[2]))
        }
      }
    }
    #expect(try layer.backward(from: y) == x)
  }

  @Test("turns channels last, as SSD's heads do")
  func channelsLast() throws {
    let layer = try OneLayer(
      "type: 'Permute' permute_param { order: 0 order: 2 order: 3 order: 1 }", ["x": .of([1, 2, 1, 3], [1, 2, 3, 4, 5, 6])])
    #expect(try layer.forward() == [1, 4, 2, 5, 3, 6])
    #expect(layer.top("y")?.shape == [1, 1, 3, 2])
  }

  @Test("refuses orders that are none")
  func mistakes() {
    func mistake(_ order: String) -> String {
      OneLayer.mistake("type: 'Permute' permute_param { \(order) }", ["x": [2, 3]]) ?? "none"
    }
    #expect(mistake("order: 0 order: 0").contains("order names an axis twice"))
    #expect(mistake("order: 2").contains("order names axis 2 of a bottom with 2 axes"))
  }
}
