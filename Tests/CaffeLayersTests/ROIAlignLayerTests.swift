import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("ROIAlign")
struct ROIAlignLayerTests {
  private static let settings = [
    "pooled_h: 2 pooled_w: 2", "pooled_h: 3 pooled_w: 1 spatial_scale: 1.3", "pooled_h: 1 pooled_w: 2 sampling_ratio: 3",
  ]

  @Test("keeps the contract of layers", arguments: settings)
  func contract(parameters: String) throws {
    let net = LayerCheck.net("type: 'ROIAlign' roi_align_param { \(parameters) }", ["x": [4, 2, 5, 6], "r": [6, 5]])
    // The layer gives regions no gradient: their whole numbers are passed over.
    try LayerCheck.all(net, values: ["r": .labels(below: 4)], kinks: [0, 1, 2, 3])
  }

  private static func layer(_ parameters: String, _ regions: [Float]) throws -> OneLayer {
    try OneLayer(
      "type: 'ROIAlign' roi_align_param { \(parameters) }",
      ["x": .of([1, 1, 4, 4], (0..<16).map { Float($0) }), "r": .of([regions.count / 5, 5], regions)])
  }

  @Test("interpolates in the middle of a bin")
  func samples() throws {
    // Values are 4 · row + column, which interpolation keeps: the samples lie at 0.5 and 1.5 along both axes.
    let layer = try Self.layer("pooled_h: 2 pooled_w: 2 sampling_ratio: 1", [0, 0, 0, 2, 2])
    #expect(try layer.forward() == [2.5, 3.5, 6.5, 7.5])
    #expect(try layer.backward(from: [4, 0, 0, 0]) == [1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try layer.backward("r", from: [4, 0, 0, 0]) == [0, 0, 0, 0, 0])
    let shifted = try Self.layer("pooled_h: 1 pooled_w: 1 sampling_ratio: 1 spatial_scale: 0.5", [0, 0.5, 1, 2.5, 3])
    #expect(isClose(try shifted.forward(), [4 * 1 + 0.75]))
  }

  @Test("takes the mean of several samples, as many as a bin has pixels where the file does not say")
  func grids() throws {
    // Of a plane that rises evenly the mean is the middle, whatever the number of samples.
    for ratio in ["", "sampling_ratio: 2", "sampling_ratio: 5"] {
      let layer = try Self.layer("pooled_h: 1 pooled_w: 1 \(ratio)", [0, 0.25, 0.5, 2.75, 2.5])
      #expect(isClose(try layer.forward(), [4 * 1.5 + 1.5], within: 1e-5), "\(ratio)")
    }
    // 3 pixels a bin are 3 samples: at 0.5, 1.5 and 2.5, and not 1 at 1.5.
    let gradient = try Self.layer("pooled_h: 1 pooled_w: 1", [0, 0, 0, 3, 3])
    _ = try gradient.forward()
    let shares: [Float] = [1, 2, 2, 1].map { $0 / 6 }
    #expect(isClose(try gradient.backward(from: [1]), shares.flatMap { row in shares.map { $0 * row } }))
  }

  @Test("holds samples near the image at its edge, counts those beyond as 0, and copes with regions of any size")
  func edges() throws {
    let near = try Self.layer("pooled_h: 1 pooled_w: 1 sampling_ratio: 1", [0, -1.25, 0, -0.25, 1])
    #expect(isClose(try near.forward(), [2]))
    let beyond = try Self.layer("pooled_h: 1 pooled_w: 1 sampling_ratio: 1", [0, -2, 0, -1, 1])
    #expect(try beyond.forward() == [0])
    let half = try Self.layer("pooled_h: 1 pooled_w: 1 sampling_ratio: 2", [0, 2, 0, 6, 1])
    // Columns 3 and 5, the latter outside; rows 0.25 and 0.75.
    #expect(isClose(try half.forward(), [(4 * 0.5 + 3) / 2]))
    let huge = try Self.layer("pooled_h: 1 pooled_w: 1", [0, -1e30, -1e30, 1e30, 1e30, 0, 0, 0, 1e6, 1])
    #expect(try huge.forward().allSatisfy { $0.isFinite && abs($0) < 1 })
    #expect(try Self.layer("pooled_h: 1 pooled_w: 1", [0, 1, 1, 1, 1]).forward() == [7.5])
  }

  @Test("ends with an error that names a region of no image")
  func faults() throws {
    let error = #expect(throws: RunError.self) { try Self.layer("pooled_h: 1 pooled_w: 1", [1, 0, 0, 1, 1]).forward() }
    #expect(error?.description == "layer \"layer\" (ROIAlign): region 0 lies in image 1.0 of 1 (0 to 0)")
  }

  @Test("refuses what has no bins or too many samples")
  func mistakes() {
    func mistake(_ parameters: String, _ regions: Shape = [3, 5]) -> String {
      OneLayer.mistake("type: 'ROIAlign' roi_align_param { \(parameters) }", ["x": [1, 2, 5, 5], "r": regions]) ?? "none"
    }
    #expect(mistake("pooled_w: 2").contains("pooled_h must be at least 1"))
    #expect(mistake("pooled_h: 2").contains("pooled_w must be at least 1"))
    #expect(mistake("pooled_h: 2 pooled_w: 2 spatial_scale: -1").contains("spatial_scale must be above 0"))
    #expect(mistake("pooled_h: 2 pooled_w: 2 sampling_ratio: 2000").contains("sampling_ratio must be 1024 or less"))
    #expect(mistake("pooled_h: 2 pooled_w: 2", [15]).contains("need a shape Rx5 (image, x1, y1, x2, y2), found 15"))
  }
}
