import CaffeCore
import CaffeTesting
import Testing

@Suite("Interp")
struct InterpLayerTests {
  private static let settings = [
    "height: 7 width: 3", "zoom_factor: 2", "shrink_factor: 2", "shrink_factor: 2 zoom_factor: 3", "height: 1 width: 1",
    "zoom_factor: 3 pad_beg: -1 pad_end: -1", "height: 4 width: 9 pad_beg: -2",
  ]

  @Test("keeps the contract of layers", arguments: settings)
  func contract(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Interp' interp_param { \(parameters) }", ["x": [2, 2, 4, 5]]))
  }

  @Test("keeps the contract of layers with the size of a second bottom")
  func second() throws {
    try LayerCheck.all(LayerCheck.net("type: 'Interp'", ["x": [2, 2, 4, 5], "r": [1, 3, 7, 2]]))
  }

  private static func layer(_ parameters: String, _ shape: Shape, _ values: [Float]) throws -> OneLayer {
    try OneLayer("type: 'Interp' interp_param { \(parameters) }", ["x": .of(shape, values)])
  }

  @Test("interpolates between corners that stay where they are")
  func values() throws {
    let line = try Self.layer("zoom_factor: 4", [1, 1, 1, 2], [0, 10])
    #expect(try line.forward() == [0, 2.5, 5, 7.5, 10])
    #expect(try line.backward(from: [1, 1, 1, 1, 1]) == [2.5, 2.5])
    let plane = try Self.layer("height: 3 width: 3", [1, 1, 2, 2], [0, 1, 2, 3])
    #expect(try plane.forward() == [0, 0.5, 1, 1, 1.5, 2, 2, 2.5, 3])
    #expect(try plane.backward(from: [0, 0, 0, 0, 4, 0, 0, 0, 0]) == [1, 1, 1, 1])
    let same = try Self.layer("height: 2 width: 2", [1, 1, 2, 2], [0, 1, 2, 3])
    #expect(try same.forward() == [0, 1, 2, 3])
    #expect(try Self.layer("height: 1 width: 1", [1, 1, 2, 2], [5, 1, 2, 3]).forward() == [5])
  }

  @Test("cuts off first what the pads say")
  func pads() throws {
    let layer = try Self.layer("zoom_factor: 2 pad_beg: -1 pad_end: -2", [1, 1, 4, 5], (0..<20).map { Float($0) })
    // Row 1 alone is left, with columns 1 and 2.
    #expect(try layer.forward() == [6, 6.5, 7])
    #expect(try layer.backward(from: [1, 2, 3]) == (0..<20).map { $0 == 6 ? 2 : $0 == 7 ? 4 : 0 })
  }

  @Test("gives zoom_factor and shrink_factor alone the word before height and width")
  func sizes() throws {
    func size(_ parameters: String) throws -> Shape? {
      let layer = try OneLayer("type: 'Interp' interp_param { \(parameters) }", ["x": Tensor([1, 1, 5, 8])])
      _ = try layer.forward()
      return layer.top("y")?.shape
    }
    #expect(try size("zoom_factor: 8 height: 3 width: 4") == [1, 1, 33, 57])
    #expect(try size("shrink_factor: 3 height: 3 width: 4") == [1, 1, 2, 3])
    #expect(try size("zoom_factor: 8 shrink_factor: 3 height: 3 width: 4") == [1, 1, 3, 4])
    #expect(try size("zoom_factor: 8 shrink_factor: 3") == [1, 1, 9, 17])
  }

  @Test("refuses sizes that cannot be")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'Interp' interp_param { \(parameters) }", ["x": [1, 2, 5, 5]]) ?? "none"
    }
    #expect(mistake("height: 3").contains("give zoom_factor, shrink_factor, height and width, or a second bottom of the size"))
    #expect(mistake("zoom_factor: 0").contains("zoom_factor must be at least 1"))
    #expect(mistake("zoom_factor: 2 pad_beg: 1").contains("pad_beg can only cut off: it must be 0 or less"))
    #expect(mistake("zoom_factor: 2 pad_end: -5").contains("the pads cut off all of the extent 5 of axis 2"))
    #expect(mistake("zoom_factor: 2000000000").contains("elements"))
  }
}
