import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `roi_pooling_param`, by their prototxt names; defaults are those of Fast R-CNN.
public struct ROIPoolingParameters: LayerParameters {
  /// Rows of bins.
  public var pooledH = 0
  /// Columns of bins.
  public var pooledW = 0
  /// From the pixels of the regions to those of the first bottom: 0.0625 behind a stride of 16.
  public var spatialScale: Float = 1
  /// Widens each region on every side by this share of its size.
  public var padRatio: Float = 0
  public init() {}
  public static let messageName = "ROIPoolingParameter"
  public static let fields: [Field<ROIPoolingParameters>] = [
    Field("pooled_h", 1, \.pooledH, as: .uint32), Field("pooled_w", 2, \.pooledW, as: .uint32),
    Field("spatial_scale", 3, \.spatialScale), Field("pad_ratio", 4, \.padRatio),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("roi_pooling_param", 8_266_711, schema)
}

/// The largest value in each of `pooled_h` × `pooled_w` bins of every region, channel by channel. Girshick, ICCV 2015.
///
/// A region is a row (image, x1, y1, x2, y2). Its corners times `spatial_scale` are rounded, halves away from 0, and lie both
/// inside; what is smaller than one pixel counts as one. Bins begin at ⌊i · size⌋ and end before ⌈(i + 1) · size⌉, so that
/// neighbours may overlap, and are cut to the image; a bin outside of it is 0. Of equal values the first wins. An image that the
/// batch does not have ends the pass with an error. The regions get gradient 0.
///
/// ```prototxt
/// # x: 2x3x6x8
/// # rois: 4x5 labels 2
/// layer {
///   name: "pool" type: "ROIPooling" bottom: "x" bottom: "rois" top: "y"
///   roi_pooling_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 }
/// }
/// ```
///
/// - Dialect: in Fast and Faster R-CNN; `pad_ratio` comes from MS-CNN. Intel's fork finds the bins in whole numbers, which now
///   and then makes one a pixel larger or smaller; here they are Fast R-CNN's.
public struct ROIPoolingLayer: Layer {
  public static let type = "ROIPooling"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let parameters: ROIPoolingParameters
  private let title: String

  public init(_ parameters: ROIPoolingParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.pooledH > 0 else { throw LayerError("pooled_h must be at least 1", field: "pooled_h") }
    guard parameters.pooledW > 0 else { throw LayerError("pooled_w must be at least 1", field: "pooled_w") }
    guard parameters.spatialScale > 0, parameters.spatialScale.isFinite else {
      throw LayerError("spatial_scale must be above 0", field: "spatial_scale")
    }
    self.parameters = parameters
    title = context.definition.title
  }

  /// N×C×H×W and regions R×5 → R×C×pooled_h×pooled_w. Saved: the place of each maximum within its plane, −1 for none.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a first bottom with 4 axes (N, C, H, W), found \(bottoms[0])") }
    try Region.check(bottoms[1])
    let top = try Shape(validating: [bottoms[1][0], bottoms[0][1], parameters.pooledH, parameters.pooledW])
    return LayerSignature(tops: [top], saved: [top], backwardReads: [.bottom(1)])
  }

  public func forward(_ io: ForwardIO) {
    let (x, regions, y, places) = (io.bottoms[0], io.bottoms[1], io.tops[0], io.saved[0])
    let plane = x.shape.count(from: 2)
    y.fill(0)
    places.fill(-1)
    for row in 0..<regions.shape[0] {
      guard let region = Region(row, of: regions, images: x.shape[0], title: title, faults: io.faults) else { continue }
      let rows = stretches(region.y1, region.y2, bins: parameters.pooledH, extent: x.shape[2])
      let columns = stretches(region.x1, region.x2, bins: parameters.pooledW, extent: x.shape[3])
      eachPlane(row, region, y.shape) { source, target in
        pool(x.pointer + source * plane, width: x.shape[3], rows, columns) { bin, value, place in
          y[target + bin] = value
          places[target + bin] = Float(place)
        }
      }
    }
  }

  /// The rows or the columns of each bin.
  private func stretches(_ low: Float, _ high: Float, bins: Int, extent: Int) -> [Range<Int>] {
    let pad = parameters.padRatio == 0 ? 0 : (high - low + 1) * parameters.padRatio
    let first = wholeNumber(clamping: ((low - pad) * parameters.spatialScale).rounded())
    let last = wholeNumber(clamping: ((high + pad) * parameters.spatialScale).rounded())
    let size = Float(max(last - first + 1, 1)) / Float(bins)
    return (0..<bins).map { bin in
      let start = first + Int((Float(bin) * size).rounded(.down))
      let end = first + Int((Float(bin + 1) * size).rounded(.up))
      let from = min(max(start, 0), extent)
      return from..<max(from, min(max(end, 0), extent))
    }
  }

  private func pool(
    _ plane: UnsafeMutablePointer<Float>, width: Int, _ rows: [Range<Int>], _ columns: [Range<Int>],
    _ body: (_ bin: Int, _ value: Float, _ place: Int) -> Void
  ) {
    for (line, rows) in rows.enumerated() {
      for (column, columns) in columns.enumerated() where !rows.isEmpty && !columns.isEmpty {
        var (best, place) = (-Float.greatestFiniteMagnitude, -1)
        for row in rows {
          for i in row * width + columns.lowerBound..<row * width + columns.upperBound where plane[i] > best {
            (best, place) = (plane[i], i)
          }
        }
        body(line * parameters.pooledW + column, best, place)
      }
    }
  }

  /// Calls `body` with each channel's plane in the region's image and where its bins begin in the top.
  private func eachPlane(_ row: Int, _ region: Region, _ top: Shape, _ body: (_ source: Int, _ target: Int) -> Void) {
    for channel in 0..<top[1] { body(region.image * top[1] + channel, (row * top[1] + channel) * top.count(from: 2)) }
  }

  /// Each gradient goes to the place of its maximum; where regions overlap they add up.
  public func backward(_ io: BackwardIO) {
    io.bottomDiffs[1]?.fill(0)
    guard let dx = io.bottomDiffs[0] else { return }
    let (dy, places, plane) = (io.topDiffs[0], io.saved[0], dx.shape.count(from: 2))
    dx.fill(0)
    for row in 0..<io.bottoms[1].shape[0] {
      guard let region = Region(row, of: io.bottoms[1], images: dx.shape[0]) else { continue }
      eachPlane(row, region, dy.shape) { source, target in
        for i in target..<target + dy.shape.count(from: 2) {
          guard let place = wholeNumber(places[i], below: plane) else { continue }
          dx[source * plane + place] += dy[i]
        }
      }
    }
  }
}
