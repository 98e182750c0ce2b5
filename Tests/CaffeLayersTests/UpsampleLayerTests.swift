import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("Upsample")
struct UpsampleLayerTests {
  @Test("keeps the contract of layers, by the places of maxima")
  func contractOfPlaces() throws {
    for parameters in ["scale: 3", "scale_h: 3 scale_w: 4", "upsample_h: 3 upsample_w: 5"] {
      // One element a plane: two that go to one place would both get its gradient.
      let net = LayerCheck.net("type: 'Upsample' upsample_param { \(parameters) }", ["x": [3, 4, 1, 1], "m": [3, 4, 1, 1]])
      try LayerCheck.all(net, values: ["m": .labels(below: 9)], kinks: (0..<9).map { Float($0) })
    }
  }

  @Test("keeps the contract of layers, by repeating", arguments: ["", "scale: 3", "scale_h: 1 scale_w: 4", "stride: 2 scale: 1"])
  func contractOfCopies(parameters: String) throws {
    try LayerCheck.all(LayerCheck.net("type: 'Upsample' upsample_param { \(parameters) }", ["x": [2, 3, 3, 4]]))
  }

  private static func layer(_ parameters: String, _ mask: [Float]) throws -> OneLayer {
    try OneLayer(
      "type: 'Upsample' upsample_param { \(parameters) }",
      ["x": .of([1, 2, 1, 2], [1, 2, 3, 4]), "m": .of([1, 2, 1, 2], mask)])
  }

  @Test("puts each element at its place within its plane")
  func places() throws {
    let layer = try Self.layer("scale: 2", [5, 2, 0, 7])
    #expect(try layer.forward() == [0, 0, 2, 0, 0, 1, 0, 0, 3, 0, 0, 0, 0, 0, 0, 4])
    #expect(try layer.backward(from: (0..<16).map { Float($0) }) == [5, 2, 8, 15])
    #expect(try layer.backward("m", from: (0..<16).map { Float($0) }) == [0, 0, 0, 0])
    let odd = try Self.layer("scale: 2 pad_out_h: true pad_out_w: true", [0, 2, 1, 2])
    #expect(try odd.forward() == [1, 0, 2, 0, 3, 4])
    let sized = try Self.layer("scale: 2 upsample_h: 1 upsample_w: 3", [0, 2, 1, 2])
    #expect(try sized.forward() == [1, 0, 2, 0, 3, 4])
  }

  @Test("lets the later of two elements stay that go to one place, and gives both its gradient")
  func clash() throws {
    let layer = try Self.layer("scale: 2", [5, 5, 0, 7])
    #expect(try layer.forward()[5] == 2)
    #expect(Array(try layer.backward(from: (0..<16).map { Float($0) }).prefix(2)) == [5, 5])
  }

  @Test("undoes what a Pooling layer did with the places that it gives")
  func pooling() throws {
    let pool = try OneLayer(
      "type: 'Pooling' pooling_param { kernel_size: 2 stride: 2 }", ["x": .of([1, 1, 2, 4], [1, 2, 3, 9, 5, 4, 8, 7])],
      tops: ["y", "m"])
    let (values, mask) = (try pool.forward(), try #require(pool.top("m")))
    let layer = try OneLayer("type: 'Upsample'", ["x": .of([1, 1, 1, 2], values), "m": mask])
    #expect(try layer.forward() == [0, 0, 0, 9, 5, 0, 0, 0])
  }

  @Test("repeats elements along both axes")
  func copies() throws {
    func layer(_ parameters: String) throws -> OneLayer {
      try OneLayer("type: 'Upsample' upsample_param { \(parameters) }", ["x": .of([1, 1, 1, 2], [1, 2])])
    }
    let twice = try layer("scale: 2")
    #expect(try twice.forward() == [1, 1, 2, 2, 1, 1, 2, 2])
    #expect(try twice.backward(from: [1, 2, 3, 4, 5, 6, 7, 8]) == [14, 22])
    #expect(try layer("stride: 2").forward() == [1, 1, 2, 2, 1, 1, 2, 2])
    #expect(try layer("stride: 2 scale: 3").forward() == [3, 3, 6, 6, 3, 3, 6, 6])
    #expect(try layer("scale_h: 1 scale_w: 3").forward() == [1, 1, 1, 2, 2, 2])
  }

  @Test("ends with an error that names a place outside of the plane", arguments: [8, -1, Float.nan])
  func faults(place: Float) throws {
    let error = #expect(throws: RunError.self) { try Self.layer("scale: 2", [0, 1, 2, place]).forward() }
    #expect(
      error?.description
        == "layer \"layer\" (Upsample): element 3 goes to place \(place), outside of the 8 places of its plane; "
        + "does the size match what was pooled?")
  }

  @Test("refuses sizes that cannot be")
  func mistakes() {
    func mistake(_ parameters: String, _ mask: Shape = [1, 2, 3, 3]) -> String {
      OneLayer.mistake("type: 'Upsample' upsample_param { \(parameters) }", ["x": [1, 2, 3, 3], "m": mask]) ?? "none"
    }
    #expect(mistake("scale: 0").contains("the scale must be at least 1"))
    #expect(mistake("scale_h: 2").contains("scale_h and scale_w go together"))
    #expect(mistake("upsample_w: 2").contains("upsample_h and upsample_w go together"))
    #expect(mistake("scale: 3 pad_out_h: true").contains("pad_out_h goes with a scale of 2 only"))
    #expect(mistake("", [1, 2, 3, 4]).contains("the places of the maxima need the shape 1x2x3x3, found 1x2x3x4"))
    #expect(mistake("scale: 4000000000").contains("elements"))
    let single = OneLayer.mistake("type: 'Upsample' upsample_param { upsample_h: 6 upsample_w: 6 }", ["x": [1, 2, 3, 3]])
    #expect(single?.contains("only a scale can be given, not upsample_h") == true)
  }
}
