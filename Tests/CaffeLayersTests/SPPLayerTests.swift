import CaffeCore
import CaffeTesting
import Testing

@Suite("SPP")
struct SPPLayerTests {
  @Test("keeps the contract of layers", arguments: ["MAX", "AVE"])
  func contract(method: String) throws {
    for (height, shape) in [(3, [2, 3, 9, 7]), (2, [1, 2, 5, 6]), (1, [2, 2, 3, 4])] as [(Int, Shape)] {
      let net = LayerCheck.net("type: 'SPP' spp_param { pyramid_height: \(height) pool: \(method) }", ["x": shape])
      try LayerCheck.all(net, values: ["x": .distinct(spacing: 0.05)])
    }
  }

  private static func layer(_ parameters: String) throws -> OneLayer {
    try OneLayer("type: 'SPP' spp_param { \(parameters) }", ["x": .of([1, 1, 2, 2], [1, 2, 3, 4])])
  }

  @Test("puts the bins of all levels side by side")
  func values() throws {
    let layer = try Self.layer("pyramid_height: 2")
    #expect(try layer.forward() == [4, 1, 2, 3, 4])
    #expect(layer.top("y")?.shape == [1, 5])
    #expect(try layer.backward(from: [10, 1, 2, 3, 4]) == [1, 2, 3, 14])
    #expect(try Self.layer("pyramid_height: 2 pool: AVE").forward() == [2.5, 1, 2, 3, 4])
  }

  @Test("leaves the axes of the image with one level alone")
  func oneLevel() throws {
    let layer = try Self.layer("pyramid_height: 1")
    #expect(try layer.forward() == [4])
    #expect(layer.top("y")?.shape == [1, 1, 1, 1])
  }

  @Test("refuses what cannot be computed")
  func mistakes() {
    func mistake(_ parameters: String, _ shape: Shape = [1, 1, 2, 2]) -> String {
      OneLayer.mistake("type: 'SPP' spp_param { \(parameters) }", ["x": shape]) ?? "none"
    }
    #expect(mistake("").contains("pyramid_height must be 1 to 16"))
    #expect(mistake("pyramid_height: 17").contains("pyramid_height must be 1 to 16"))
    #expect(mistake("pyramid_height: 1 pool: STOCHASTIC").contains("pool: STOCHASTIC cannot be computed here yet"))
    #expect(mistake("pyramid_height: 3").contains("4x4 bins: pad 1 must be smaller than the kernel 1"))
    #expect(mistake("pyramid_height: 1", [1, 4]).contains("needs a bottom with 4 axes (N, C, H, W)"))
  }
}
