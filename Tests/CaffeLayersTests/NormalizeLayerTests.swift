import CaffeCore
import CaffeTesting
import Testing

@Suite("Normalize")
struct NormalizeLayerTests {
  private static let variants = [
    "", "across_spatial: false", "channel_shared: false", "across_spatial: false channel_shared: false", "eps: 0.5",
    "across_spatial: false channel_shared: false eps: 0.5 scale_filler { type: 'uniform' min: 1 max: 2 }",
  ]

  @Test("keeps the contract of layers", arguments: variants)
  func contract(parameters: String) throws {
    for shape: Shape in [[2, 3, 4, 5], [3, 4], [2, 3, 4]] {
      try LayerCheck.all(LayerCheck.net("type: 'Normalize' norm_param { \(parameters) }", ["x": shape]))
    }
  }

  /// Two channels of two places: (3, 4) and (0, 12) are the places.
  private static func layer(_ parameters: String, _ scale: [Float]) throws -> OneLayer {
    try OneLayer("type: 'Normalize' norm_param { \(parameters) }", ["x": .of([1, 2, 1, 2], [3, 0, 4, 12])], weights: [scale])
  }

  @Test("divides by the norm of the item, or of each place, and scales")
  func values() throws {
    #expect(isClose(try Self.layer("", [26]).forward(), [6, 0, 8, 24]))
    #expect(isClose(try Self.layer("across_spatial: false", [10]).forward(), [6, 0, 8, 10]))
    #expect(isClose(try Self.layer("across_spatial: false channel_shared: false", [5, 10]).forward(), [3, 0, 8, 10]))
    #expect(isClose(try Self.layer("channel_shared: false", [13, 26]).forward(), [3, 0, 8, 24]))
  }

  @Test("adds eps to the square of the norm")
  func eps() throws {
    #expect(isClose(try Self.layer("eps: 27", [14]).forward(), [3, 0, 4, 12]))
    let zero = try OneLayer("type: 'Normalize' norm_param { }", ["x": .of([1, 2], [0, 0])])
    #expect(try zero.forward() == [0, 0])
    #expect(try zero.backward(from: [1, 1]).allSatisfy(\.isFinite))
  }

  @Test("has one scale, or one for each channel, 1 at first, and a gradient for it even where it is 0")
  func scale() throws {
    let one = try OneLayer("type: 'Normalize' norm_param { }", ["x": .of([1, 2], [3, 4])])
    #expect(isClose(try one.forward(), [0.6, 0.8]))
    #expect(try one.parameter(0) == [1])
    let zero = try Self.layer("across_spatial: false channel_shared: false", [0, 0])
    _ = try zero.forward()
    #expect(try zero.backward(from: [1, 1, 1, 1]) == [0, 0, 0, 0])
    #expect(isClose(try zero.gradient(ofParameter: 0), [0.6, 1.8]))
  }

  @Test("refuses what has no channels")
  func mistakes() {
    #expect(OneLayer.mistake("type: 'Normalize'", ["x": [3]])?.contains("needs a bottom with at least 2 axes") == true)
    let negative = OneLayer.mistake("type: 'Normalize' norm_param { eps: -1 }", ["x": [3, 2]])
    #expect(negative?.contains("eps must not be negative") == true)
  }
}
