import CaffeCore
import CaffeTesting
import Testing

@Suite("MVN")
struct MVNLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["", "across_channels: true", "normalize_variance: false", "across_channels: true normalize_variance: false"])
  func contract(parameters: String) throws {
    for shape: Shape in [[2, 3, 4, 5], [2, 3, 7], [4, 6]] where !(parameters.isEmpty && shape.rank == 2) {
      try LayerCheck.all(LayerCheck.net("type: 'MVN' mvn_param { \(parameters) }", ["x": shape]))
    }
  }

  @Test("adds eps to the deviation, not to the variance")
  func eps() throws {
    let layer = try OneLayer("type: 'MVN' mvn_param { eps: 1 }", ["x": .of([1, 1, 2], [1, 3])])
    #expect(try layer.forward() == [-0.5, 0.5])
  }

  @Test("normalises each channel of each item, or each item; what is constant becomes 0")
  func values() throws {
    let x = Tensor.of([1, 2, 2], [1, 3, 10, 10])
    let layer = try OneLayer("type: 'MVN'", ["x": x])
    #expect(isClose(try layer.forward(), [-1, 1, 0, 0]))
    let across = try OneLayer("type: 'MVN' mvn_param { across_channels: true normalize_variance: false }", ["x": x])
    #expect(try across.forward() == [-5, -3, 4, 4])
    #expect(try across.backward(from: [4, 0, 0, 0]) == [3, -1, -1, -1])
  }

  @Test("refuses a scalar")
  func mistakes() {
    #expect(OneLayer.mistake("type: 'MVN'", ["x": []])?.contains("needs a bottom with at least 1 axis") == true)
  }
}
