import CaffeCore
import CaffeTesting
import Testing

@Suite("ArgMax")
struct ArgMaxLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "top_k: 3", "out_max_val: true top_k: 2", "axis: 1", "axis: -1 top_k: 2 out_max_val: true", "axis: 0"])
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'ArgMax' argmax_param { \(parameters) }", ["x": [2, 5, 3, 4]]))
  }

  private static func layer(_ parameters: String, _ x: Tensor) throws -> OneLayer {
    try OneLayer("type: 'ArgMax' argmax_param { \(parameters) }", ["x": x])
  }

  @Test("ranks whole items without an axis, places first, then values; of equals the last comes first")
  func items() throws {
    let x = Tensor.of([2, 3], [1, 3, 2, 5, 5, 0])
    #expect(try Self.layer("top_k: 2", x).forward() == [1, 2, 1, 0])
    let layer = try Self.layer("top_k: 2 out_max_val: true", x)
    #expect(try layer.forward() == [1, 2, 3, 2, 1, 0, 5, 5])
    #expect(layer.top("y")?.shape == [2, 2, 2])
    let image = try Self.layer("", .of([1, 2, 1, 2], [0, 1, 7, 2]))
    #expect(try image.forward() == [2])
    #expect(image.top("y")?.shape == [1, 1, 1, 1])
  }

  @Test("ranks along an axis, which keeps the others")
  func axis() throws {
    let x = Tensor.of([1, 2, 3], [1, 5, 2, 4, 0, 9])
    let layer = try Self.layer("axis: 1", x)
    #expect(try layer.forward() == [1, 0, 1])
    #expect(layer.top("y")?.shape == [1, 1, 3])
    #expect(try Self.layer("axis: 1 out_max_val: true", x).forward() == [4, 5, 9])
    #expect(try Self.layer("axis: 1 top_k: 2", x).forward() == [1, 0, 1, 0, 1, 0])
  }

  @Test("ranks NaN below every number")
  func nan() throws {
    #expect(try Self.layer("top_k: 2", .of([1, 3], [.nan, -1, .nan])).forward() == [1, 2])
    #expect(try Self.layer("", .of([1, 2], [-.infinity, .nan])).forward() == [0])
  }

  @Test("refuses more places than there are, and none")
  func mistakes() {
    func mistake(_ parameters: String, _ shape: Shape = [2, 3]) -> String {
      OneLayer.mistake("type: 'ArgMax' argmax_param { \(parameters) }", ["x": shape]) ?? "none"
    }
    #expect(mistake("top_k: 4").contains("top_k 4 is more than the 3 values to choose from"))
    #expect(mistake("top_k: 0").contains("top_k must be at least 1"))
    #expect(mistake("axis: 2").contains("axis 2 is out of range"))
    #expect(mistake("", []).contains("needs a bottom with at least 1 axis"))
  }
}
