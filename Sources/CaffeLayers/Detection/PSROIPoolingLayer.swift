import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `psroi_pooling_param`, by their prototxt names; R-FCN has no defaults for them.
public struct PSROIPoolingParameters: LayerParameters {
  /// From the pixels of the regions to those of the first bottom: 0.0625 behind a stride of 16.
  public var spatialScale: Float?
  /// Channels of the top: classes, or 4 numbers for each of them.
  public var outputDim = 0
  /// Rows of bins, and columns.
  public var groupSize = 0
  public init() {}
  public static let messageName = "PSROIPoolingParameter"
  public static let fields: [Field<PSROIPoolingParameters>] = [
    Field("spatial_scale", 1, \.spatialScale), Field("output_dim", 2, \.outputDim), Field("group_size", 3, \.groupSize),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("psroi_pooling_param", 153, schema)
}

/// The mean of each of g × g bins of every region, each bin taken from score maps of its own: channel d of bin (i, j) comes from
/// channel (d · g + i) · g + j of the bottom. Dai et al., NIPS 2016.
///
/// A region is a row (image, x1, y1, x2, y2) with both corners inside. They are rounded first and scaled then; bins begin at
/// ⌊start + i · size⌋ and end before ⌈start + (i + 1) · size⌉, cut to the image; a bin outside of it is 0. An image that the
/// batch does not have ends the pass with an error. The regions get gradient 0.
///
/// ```prototxt
/// # x: 2x12x6x8
/// # rois: 4x5 labels 2
/// layer {
///   name: "pool" type: "PSROIPooling" bottom: "x" bottom: "rois" top: "y"
///   psroi_pooling_param { spatial_scale: 0.5 output_dim: 3 group_size: 2 }
/// }
/// ```
///
/// - Dialect: in R-FCN's fork and in Intel's.
public struct PSROIPoolingLayer: Layer {
  public static let type = "PSROIPooling"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let scale: Float
  private let dims, group: Int
  private let title: String

  /// Regions narrower than this count as this wide, in pixels of the bottom.
  private static let smallest: Float = 0.1

  public init(_ parameters: PSROIPoolingParameters, in context: LayerContext) throws(LayerError) {
    guard let scale = parameters.spatialScale else { throw LayerError("spatial_scale is missing", field: "psroi_pooling_param") }
    guard scale > 0, scale.isFinite else { throw LayerError("spatial_scale must be above 0", field: "spatial_scale") }
    guard parameters.outputDim > 0 else { throw LayerError("output_dim must be at least 1", field: "output_dim") }
    guard (1...1 << 15).contains(parameters.groupSize) else {
      throw LayerError("group_size must be 1 to \(1 << 15)", field: "group_size")
    }
    self.scale = scale
    (dims, group) = (parameters.outputDim, parameters.groupSize)
    title = context.definition.title
  }

  /// N×(D·g·g)×H×W and regions R×5 → R×D×g×g.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a first bottom with 4 axes (N, C, H, W), found \(bottoms[0])") }
    guard bottoms[0][1] == dims * group * group else {
      throw ShapeError(
        "output_dim \(dims) in \(group)x\(group) bins needs \(dims * group * group) channels, there are \(bottoms[0][1])")
    }
    try Region.check(bottoms[1])
    let top = try Shape(validating: [bottoms[1][0], dims, group, group])
    return LayerSignature(tops: [top], backwardReads: [.bottom(1)])
  }

  public func forward(_ io: ForwardIO) {
    let (x, regions, y) = (io.bottoms[0], io.bottoms[1], io.tops[0])
    y.fill(0)
    for row in 0..<regions.shape[0] {
      guard let region = Region(row, of: regions, images: x.shape[0], title: title, faults: io.faults) else { continue }
      eachBin(row, region, x.shape) { place, window in
        var sum: Float = 0
        window.eachElement { sum += x[$0] }
        y[place] = sum / Float(window.count)
      }
    }
  }

  /// Each gradient is spread evenly over its bin; where regions overlap they add up.
  public func backward(_ io: BackwardIO) {
    io.bottomDiffs[1]?.fill(0)
    guard let dx = io.bottomDiffs[0] else { return }
    dx.fill(0)
    for row in 0..<io.bottoms[1].shape[0] {
      guard let region = Region(row, of: io.bottoms[1], images: dx.shape[0]) else { continue }
      eachBin(row, region, dx.shape) { place, window in
        let share = io.topDiffs[0][place] / Float(window.count)
        window.eachElement { dx[$0] += share }
      }
    }
  }

  /// Part of one plane of the bottom.
  private struct Window {
    let start, width: Int
    let rows, columns: Range<Int>
    var count: Int { rows.count * columns.count }

    func eachElement(_ body: (Int) -> Void) {
      for row in rows { for column in columns { body(start + row * width + column) } }
    }
  }

  /// Calls `body` with each bin's place in the top and the part of the bottom it covers; empty bins are passed over.
  private func eachBin(_ row: Int, _ region: Region, _ bottom: Shape, _ body: (_ place: Int, _ window: Window) -> Void) {
    let rows = stretches(region.y1, region.y2, extent: bottom[2])
    let columns = stretches(region.x1, region.x2, extent: bottom[3])
    for channel in 0..<dims {
      for i in 0..<group {
        for j in 0..<group where !rows[i].isEmpty && !columns[j].isEmpty {
          let source = (channel * group + i) * group + j
          let start = (region.image * bottom[1] + source) * bottom[2] * bottom[3]
          body(
            row * dims * group * group + source, Window(start: start, width: bottom[3], rows: rows[i], columns: columns[j]))
        }
      }
    }
  }

  /// The rows or the columns of each bin.
  private func stretches(_ low: Float, _ high: Float, extent: Int) -> [Range<Int>] {
    let (start, end) = (low.rounded() * scale, (high.rounded() + 1) * scale)
    let size = max(end - start, PSROIPoolingLayer.smallest) / Float(group)
    return (0..<group).map { bin in
      let first = wholeNumber(clamping: (Float(bin) * size + start).rounded(.down))
      let last = wholeNumber(clamping: (Float(bin + 1) * size + start).rounded(.up))
      let from = min(max(first, 0), extent)
      return from..<max(from, min(max(last, 0), extent))
    }
  }
}
