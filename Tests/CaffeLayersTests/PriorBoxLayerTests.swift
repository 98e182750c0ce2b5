import CaffeCore
import CaffeTesting
import Testing

@Suite("PriorBox")
struct PriorBoxLayerTests {
  private static let variants = [
    "min_size: 4", "min_size: 4 max_size: 9 aspect_ratio: 2 aspect_ratio: 3 clip: true",
    "min_size: 4 min_size: 5.5 max_size: 6 max_size: 7 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2",
    "min_size: 4 aspect_ratio: 2 flip: false img_size: 30 step: 3 offset: 0.25 variance: 0.3",
    "min_size: 4 img_h: 20 img_w: 30 step_h: 3 step_w: 4",
  ]

  @Test("keeps the contract of layers; its gradient is 0", arguments: variants)
  func contract(parameters: String) throws {
    try LayerCheck.all(
      LayerCheck.net("type: 'PriorBox' prior_box_param { \(parameters) }", ["x": [2, 3, 3, 2], "data": [2, 1, 12, 10]]))
  }

  /// The boxes of one place at the centre of an image of 10 by 20 pixels.
  private static func boxes(_ parameters: String, features: Shape = [1, 1, 1, 1]) throws -> [Float] {
    let layer = try OneLayer(
      "type: 'PriorBox' prior_box_param { \(parameters) }",
      ["x": Tensor(features), "data": Tensor([1, 3, 10, 20])])
    return try layer.forward()
  }

  /// A box of that many pixels around (10, 5).
  private static func box(_ width: Float, _ height: Float) -> [Float] {
    [(10 - width / 2) / 20, (5 - height / 2) / 10, (10 + width / 2) / 20, (5 + height / 2) / 10]
  }

  @Test("makes a square, a larger one, and a box for each ratio and its reciprocal, cut to whole pixels")
  func sizes() throws {
    let boxes = try Self.boxes("min_size: 4.9 max_size: 9.5 aspect_ratio: 4")
    let expected = Self.box(4, 4) + Self.box(6, 6) + Self.box(8, 2) + Self.box(2, 8)
    #expect(isClose(boxes, expected + [Float](repeating: 0.1, count: 16)))
    let one = try Self.boxes("min_size: 4 aspect_ratio: 4 flip: false variance: 0.5")
    #expect(isClose(one, Self.box(4, 4) + Self.box(8, 2) + [Float](repeating: 0.5, count: 8)))
  }

  @Test("passes over ratios that are there already, 1 among them")
  func ratios() throws {
    let boxes = try Self.boxes("min_size: 4 aspect_ratio: 1 aspect_ratio: 4 aspect_ratio: 0.25 aspect_ratio: 4")
    #expect(isClose(Array(boxes.prefix(12)), Self.box(4, 4) + Self.box(8, 2) + Self.box(2, 8)))
    #expect(boxes.count == 24)
  }

  @Test("goes through the sizes at each place, and through the places by rows")
  func places() throws {
    let boxes = try Self.boxes("min_size: 2 min_size: 4", features: [1, 1, 2, 2])
    #expect(boxes.count == 2 * 2 * 2 * 2 * 4)
    // Centres (5, 2.5), (15, 2.5), (5, 7.5), (15, 7.5).
    #expect(isClose(Array(boxes[0..<8]), [0.2, 0.15, 0.3, 0.35, 0.15, 0.05, 0.35, 0.45]))
    #expect(isClose(Array(boxes[8..<12]), [0.7, 0.15, 0.8, 0.35]))
    #expect(isClose(Array(boxes[16..<20]), [0.2, 0.65, 0.3, 0.85]))
  }

  @Test("takes the image's size, the step and the offset as told, and clips when told")
  func placement() throws {
    #expect(isClose(Array(try Self.boxes("min_size: 4 img_size: 40").prefix(4)), [0.45, 0.45, 0.55, 0.55]))
    #expect(isClose(Array(try Self.boxes("min_size: 4 img_h: 10 img_w: 40").prefix(4)), [0.45, 0.3, 0.55, 0.7]))
    #expect(isClose(Array(try Self.boxes("min_size: 4 step: 4").prefix(4)), [0, 0, 0.2, 0.4]))
    #expect(isClose(Array(try Self.boxes("min_size: 4 step_h: 10 step_w: 8 offset: 1").prefix(4)), [0.3, 0.8, 0.5, 1.2]))
    #expect(isClose(Array(try Self.boxes("min_size: 4 step: 2 clip: true").prefix(4)), [0, 0, 0.15, 0.3]))
  }

  @Test("repeats four variances for each box")
  func variances() throws {
    let four = "variance: 0.1 variance: 0.2 variance: 0.3 variance: 0.4"
    let boxes = try Self.boxes("min_size: 2 min_size: 4 \(four)")
    #expect(boxes.suffix(8) == [0.1, 0.2, 0.3, 0.4, 0.1, 0.2, 0.3, 0.4])
  }

  @Test("makes the 8732 boxes of SSD300's six feature maps")
  func ssd300() throws {
    let maps = [(38, 1), (19, 2), (10, 2), (5, 2), (3, 1), (1, 1)]
    let counts = try maps.map { side, ratios in
      let parameters = "min_size: 30 max_size: 60 \((2..<2 + ratios).map { "aspect_ratio: \($0) " }.joined())"
      return try Self.boxes(parameters, features: [1, 1, side, side]).count / 8
    }
    #expect(counts == [5776, 2166, 600, 150, 36, 4])
    #expect(counts.reduce(0, +) == 8732)
  }

  @Test("says what is wrong with its settings")
  func mistakes() {
    func mistake(_ parameters: String, _ image: Shape = [1, 3, 9, 9]) -> String {
      OneLayer.mistake("type: 'PriorBox' prior_box_param { \(parameters) }", ["x": [1, 2, 3, 3], "data": image]) ?? "none"
    }
    #expect(mistake("").contains("min_size is missing"))
    #expect(mistake("min_size: 0").contains("min_size must be above 0"))
    #expect(mistake("min_size: 4 max_size: 4").contains("each max_size must be above its min_size"))
    #expect(mistake("min_size: 4 max_size: 5 max_size: 6").contains("1 min_size need no max_size, or one each; 2 given"))
    #expect(mistake("min_size: 4 aspect_ratio: -1").contains("aspect_ratio must be above 0"))
    #expect(mistake("min_size: 4 variance: 1 variance: 1").contains("give no variance, one, or 4; 2 given"))
    #expect(mistake("min_size: 4 variance: 0").contains("variance must be above 0"))
    #expect(mistake("min_size: 4 img_size: 4 img_h: 4").contains("give img_size, or img_h and img_w, not both"))
    #expect(mistake("min_size: 4 img_h: 4").contains("img_h and img_w go together"))
    #expect(mistake("min_size: 4 step: 0").contains("step must be above 0"))
    #expect(mistake("min_size: 4 step_h: 1 step_w: -1").contains("step_h and step_w must be above 0"))
    #expect(mistake("min_size: 4", [3, 9]).contains("both bottoms need 4 axes"))
    #expect(mistake("min_size: 4", [1, 3, 0, 9]).contains("both bottoms need 4 axes (N, C, H, W) and at least one pixel"))
    let many = String(repeating: "min_size: 1 aspect_ratio: 2 ", count: 300)
    #expect(mistake(many).contains("more than 65536 boxes at each place"))
  }
}
