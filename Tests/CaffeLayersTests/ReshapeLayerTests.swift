import CaffeCore
import CaffeTesting
import Testing

@Suite("Reshape")
struct ReshapeLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["shape { dim: 0 dim: -1 }", "shape { dim: 4 dim: 15 dim: 2 }", "shape { dim: -1 } axis: 1 num_axes: 2"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'Reshape' reshape_param { \(parameters) }", ["x": [2, 3, 4, 5]])
    try LayerCheck.all(net)
  }

  private static func shape(_ parameters: String, _ input: Shape = [2, 8, 3]) throws -> Shape? {
    let layer = try OneLayer("type: 'Reshape' reshape_param { \(parameters) }", ["x": Tensor(input)])
    _ = try layer.forward()
    return layer.top("y")?.shape
  }

  @Test("copies an extent for 0 and takes what is left for -1")
  func zeroAndMinusOne() throws {
    #expect(try Self.shape("shape { dim: 0 dim: -1 }") == [2, 24])
    #expect(try Self.shape("shape { dim: 0 dim: 4 dim: -1 }") == [2, 4, 6])
    #expect(try Self.shape("shape { dim: -1 }") == [48])
    #expect(try Self.shape("shape { }", [1]) == [])
  }

  @Test("replaces only the axes it is told to")
  func someAxes() throws {
    #expect(try Self.shape("shape { dim: 2 dim: 4 } axis: 1 num_axes: 1") == [2, 2, 4, 3])
    #expect(try Self.shape("shape { dim: 1 dim: 1 } axis: -1") == [2, 8, 3, 1, 1])
    #expect(try Self.shape("shape { dim: -1 } axis: -3") == [2, 24])
    #expect(try Self.shape("shape { dim: 1 } axis: 1 num_axes: 0") == [2, 1, 8, 3])
  }

  @Test("refuses shapes with another number of elements")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'Reshape' reshape_param { \(parameters) }", ["x": [2, 8, 3]]) ?? "none"
    }
    #expect(mistake("shape { dim: 7 }").contains("2x8x3 has 48 elements, 7 has 7"))
    #expect(mistake("shape { dim: 5 dim: -1 }").contains("48 elements do not divide by the other dims' 5"))
    #expect(mistake("shape { dim: -1 dim: -1 }").contains("only one dim can be -1"))
    #expect(mistake("shape { dim: 0 } axis: 3").contains("dim 0 copies axis 3, which 2x8x3 does not have"))
  }
}
