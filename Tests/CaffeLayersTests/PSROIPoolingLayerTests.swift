import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("PSROIPooling")
struct PSROIPoolingLayerTests {
  @Test(
    "keeps the contract of layers",
    arguments: ["spatial_scale: 1 output_dim: 2 group_size: 2", "spatial_scale: 1.5 output_dim: 8 group_size: 1"])
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'PSROIPooling' psroi_pooling_param { \(parameters) }", ["x": [4, 8, 5, 6], "r": [6, 5]])
    // Whole corners are rounded to themselves whatever the small step, and so are no place to look for a gradient.
    try LayerCheck.all(net, values: ["r": .labels(below: 4)], kinks: [0, 1, 2, 3])
  }

  private static func layer(_ parameters: String, _ regions: [Float]) throws -> OneLayer {
    let x: [Float] = [1, 2, 3, 4, 10, 20, 30, 40, 100, 200, 300, 400, 1000, 2000, 3000, 4000]
    return try OneLayer(
      "type: 'PSROIPooling' psroi_pooling_param { \(parameters) }",
      ["x": .of([1, 4, 2, 2], x), "r": .of([regions.count / 5, 5], regions)])
  }

  @Test("takes each bin from a score map of its own")
  func maps() throws {
    let layer = try Self.layer("spatial_scale: 1 output_dim: 1 group_size: 2", [0, 0, 0, 1, 1])
    #expect(try layer.forward() == [1, 20, 300, 4000])
    #expect(try layer.backward(from: [1, 2, 3, 4]) == [1, 0, 0, 0, 0, 2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 4])
    #expect(try layer.backward("r", from: [1, 2, 3, 4]) == [0, 0, 0, 0, 0])
  }

  @Test("means what lies in a bin, shares its pixels among bins smaller than they are, and is 0 outside of the image")
  func bins() throws {
    let whole = try Self.layer("spatial_scale: 1 output_dim: 4 group_size: 1", [0, 0, 0, 1, 1])
    #expect(try whole.forward() == [2.5, 25, 250, 2500])
    #expect(try whole.backward(from: [4, 0, 0, 8]) == [1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2, 2])
    let small = try Self.layer("spatial_scale: 1 output_dim: 1 group_size: 2", [0, 0, 0, 0, 0, 0, 8, 8, 9, 9])
    #expect(try small.forward() == [1, 10, 100, 1000, 0, 0, 0, 0])
  }

  @Test("rounds corners before it scales them")
  func rounding() throws {
    // 0.5 and 1.5 become 1 and 2, and then 0.5 and 1.5: both columns. Scaled first they would be 0.25 and 0.75: one.
    let layer = try Self.layer("spatial_scale: 0.5 output_dim: 4 group_size: 1", [0, 0.5, 0, 1.5, 0])
    #expect(try layer.forward() == [1.5, 15, 150, 1500])
  }

  @Test("ends with an error that names a region of no image")
  func faults() throws {
    let layer = try Self.layer("spatial_scale: 1 output_dim: 1 group_size: 2", [0, 0, 0, 1, 1, 7, 0, 0, 1, 1])
    let error = #expect(throws: RunError.self) { try layer.forward() }
    #expect(error?.description == "layer \"layer\" (PSROIPooling): region 1 lies in image 7.0 of 1 (0 to 0)")
  }

  @Test("refuses numbers of channels that do not come out, and parameters that are missing")
  func mistakes() {
    func mistake(_ parameters: String) -> String {
      OneLayer.mistake("type: 'PSROIPooling' psroi_pooling_param { \(parameters) }", ["x": [1, 8, 5, 5], "r": [3, 5]]) ?? "none"
    }
    #expect(mistake("output_dim: 2 group_size: 2").contains("spatial_scale is missing"))
    #expect(mistake("spatial_scale: -1 output_dim: 2 group_size: 2").contains("spatial_scale must be above 0"))
    #expect(mistake("spatial_scale: 1 group_size: 2").contains("output_dim must be at least 1"))
    #expect(mistake("spatial_scale: 1 output_dim: 2").contains("group_size must be 1 to 32768"))
    #expect(
      mistake("spatial_scale: 1 output_dim: 3 group_size: 2").contains(
        "output_dim 3 in 2x2 bins needs 12 channels, there are 8"))
  }
}
