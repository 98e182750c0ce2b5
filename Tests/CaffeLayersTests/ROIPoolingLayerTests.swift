import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("ROIPooling")
struct ROIPoolingLayerTests {
  private static let settings = [
    "pooled_h: 2 pooled_w: 2", "pooled_h: 3 pooled_w: 1 spatial_scale: 1.5", "pooled_h: 1 pooled_w: 2 pad_ratio: 0.5",
  ]

  @Test("keeps the contract of layers", arguments: settings, [Shape([6, 5]), [6, 5, 1, 1]])
  func contract(parameters: String, regions: Shape) throws {
    let net = LayerCheck.net("type: 'ROIPooling' roi_pooling_param { \(parameters) }", ["x": [4, 2, 5, 6], "r": regions])
    // Whole corners are rounded to themselves whatever the small step, and so are no place to look for a gradient.
    try LayerCheck.all(net, values: ["x": .distinct(spacing: 0.05), "r": .labels(below: 4)], kinks: [0, 1, 2, 3])
  }

  private static func layer(
    _ parameters: String, _ regions: [Float], x: [Float] = (1...16).map { Float($0) }
  ) throws -> OneLayer {
    try OneLayer(
      "type: 'ROIPooling' roi_pooling_param { \(parameters) }",
      ["x": .of([x.count / 16, 1, 4, 4], x), "r": .of([regions.count / 5, 5], regions)])
  }

  @Test("cuts a region into bins that overlap where they do not come out even, and takes the largest of each")
  func bins() throws {
    let even = try Self.layer("pooled_h: 2 pooled_w: 2", [0, 0, 0, 3, 3, 0, 1, 1, 2, 2])
    #expect(try even.forward() == [6, 8, 14, 16, 6, 7, 10, 11])
    let odd = try Self.layer("pooled_h: 2 pooled_w: 2", [0, 0, 0, 2, 2])
    #expect(try odd.forward() == [6, 7, 10, 11])
  }

  @Test("rounds halves away from 0, and lets a region be no smaller than a pixel")
  func rounding() throws {
    let descending = (1...16).map { -Float($0) }
    let half = try Self.layer("pooled_h: 1 pooled_w: 1 spatial_scale: 0.5", [0, 1, 1, 3, 3], x: descending)
    #expect(try half.forward() == [-6])
    #expect(try Self.layer("pooled_h: 1 pooled_w: 1", [0, 2, 2, 1, 1]).forward() == [11])
  }

  @Test("is 0 outside of the image, and widens regions by a share of their size")
  func edges() throws {
    #expect(try Self.layer("pooled_h: 1 pooled_w: 1", [0, 10, 10, 12, 12, 0, 3, 3, 9, 9]).forward() == [0, 16])
    #expect(try Self.layer("pooled_h: 1 pooled_w: 1 pad_ratio: 0.5", [0, 1, 1, 2, 2]).forward() == [16])
    #expect(try Self.layer("pooled_h: 1 pooled_w: 1", [0, -3e38, -3e38, 3e38, 3e38]).forward() == [16])
  }

  @Test("gives each gradient to the first of equal maxima, and adds up where regions overlap")
  func backward() throws {
    let layer = try Self.layer(
      "pooled_h: 1 pooled_w: 1", [1, 0, 0, 3, 3, 1, 0, 0, 1, 1], x: [Float](repeating: 7, count: 32))
    #expect(try layer.forward() == [7, 7])
    #expect(try layer.backward(from: [1, 2]) == [Float](repeating: 0, count: 16) + [3] + [Float](repeating: 0, count: 15))
    #expect(try layer.backward("r", from: [1, 2]) == [Float](repeating: 0, count: 10))
  }

  private static let wrong: [([Float], String)] = [
    ([0, 0, 0, 1, 1, 1, 0, 0, 1, 1], "region 1 lies in image 1.0 of 1 (0 to 0)"),
    ([-1, 0, 0, 1, 1], "region 0 lies in image -1.0 of 1 (0 to 0)"),
    ([0, 0, .nan, 1, 1], "region 0 has the corners 0.0, nan and 1.0, 1.0"),
  ]

  @Test("ends with an error that names a region of no image", arguments: wrong)
  func faults(regions: [Float], text: String) throws {
    let error = #expect(throws: RunError.self) { try Self.layer("pooled_h: 1 pooled_w: 1", regions).forward() }
    #expect(error?.description == "layer \"layer\" (ROIPooling): \(text)")
  }

  @Test("refuses what has no bins or is no list of regions")
  func mistakes() {
    func mistake(_ parameters: String, _ regions: Shape = [3, 5]) -> String {
      OneLayer.mistake("type: 'ROIPooling' roi_pooling_param { \(parameters) }", ["x": [1, 2, 5, 5], "r": regions]) ?? "none"
    }
    #expect(mistake("pooled_w: 2").contains("pooled_h must be at least 1"))
    #expect(mistake("pooled_h: 2").contains("pooled_w must be at least 1"))
    #expect(mistake("pooled_h: 2 pooled_w: 2 spatial_scale: 0").contains("spatial_scale must be above 0"))
    #expect(mistake("pooled_h: 2 pooled_w: 2", [3, 4]).contains("need a shape Rx5 (image, x1, y1, x2, y2), found 3x4"))
    #expect(mistake("pooled_h: 2000000000 pooled_w: 2000000000").contains("elements"))
  }
}
