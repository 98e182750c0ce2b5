import CaffeTesting
import Testing

@Suite("Reduction")
struct ReductionLayerTests {
  @Test("keeps the contract of layers", arguments: ["SUM", "ASUM", "SUMSQ", "MEAN"])
  func contract(operation: String) throws {
    for rest in ["", "coeff: -0.3 axis: 1", "axis: -1 coeff: 2"] {
      let net = LayerCheck.net("type: 'Reduction' reduction_param { operation: \(operation) \(rest) }", ["x": [2, 3, 4]])
      try LayerCheck.all(net, kinks: operation == "ASUM" ? [0] : [])
    }
  }

  private static let operations: [(String, [Float], [Float])] = [
    ("SUM", [-2, 14], [2, 2, 20, 20]), ("ASUM", [6, 14], [2, -2, 20, 20]), ("SUMSQ", [10, 50], [4, -8, 120, 160]),
    ("MEAN", [-1, 7], [1, 1, 10, 10]),
  ]

  @Test("makes one number of each tail", arguments: operations)
  func values(operation: String, top: [Float], gradient: [Float]) throws {
    let layer = try OneLayer(
      "type: 'Reduction' reduction_param { operation: \(operation) axis: 1 coeff: 2 }", ["x": .of([2, 2], [1, -2, 3, 4])])
    #expect(try layer.forward() == top)
    #expect(layer.top("y")?.shape == [2])
    #expect(try layer.backward(from: [1, 10]) == gradient)
  }

  @Test("makes a scalar of everything for axis 0, and refuses an axis outside")
  func axes() throws {
    let layer = try OneLayer("type: 'Reduction'", ["x": .of([2, 2], [1, -2, 3, 4])])
    #expect(try layer.forward() == [6])
    #expect(layer.top("y")?.shape == [])
    let mistake = OneLayer.mistake("type: 'Reduction' reduction_param { axis: 2 }", ["x": [2, 2]])
    #expect(mistake?.contains("axis 2 is out of range") == true)
  }
}
