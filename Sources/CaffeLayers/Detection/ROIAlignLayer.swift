import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `roi_align_param`, by their prototxt names.
public struct ROIAlignParameters: LayerParameters {
  /// Rows of bins.
  public var pooledH = 0
  /// Columns of bins.
  public var pooledW = 0
  /// From the pixels of the regions to those of the first bottom: 0.0625 behind a stride of 16.
  public var spatialScale: Float = 1
  /// Samples of each bin along either axis; 0 for as many as a bin has pixels, rounded up.
  public var samplingRatio = 0
  public init() {}
  public static let messageName = "ROIAlignParameter"
  public static let fields: [Field<ROIAlignParameters>] = [
    Field("pooled_h", 1, \.pooledH, as: .uint32), Field("pooled_w", 2, \.pooledW, as: .uint32),
    Field("spatial_scale", 3, \.spatialScale), Field("sampling_ratio", 4, \.samplingRatio),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("roi_align_param", 8_266_713, schema)
}

/// The mean of samples in each of `pooled_h` × `pooled_w` bins of every region, channel by channel, without rounding: each sample
/// is interpolated between four pixels. He et al., Mask R-CNN, ICCV 2017.
///
/// A region is a row (image, x1, y1, x2, y2); its corners times `spatial_scale` are places in the bottom, and it is at least
/// one pixel long and wide. A sample more than one pixel outside of the image counts as 0, a nearer one lies on the edge. An
/// image that the batch does not have ends the pass with an error. The regions get gradient 0.
///
/// ```prototxt
/// # x: 2x3x6x8
/// # rois: 4x5 labels 2
/// layer {
///   name: "align" type: "ROIAlign" bottom: "x" bottom: "rois" top: "y"
///   roi_align_param { pooled_h: 2 pooled_w: 2 spatial_scale: 0.5 sampling_ratio: 2 }
/// }
/// ```
///
/// - Dialect: this is Detectron's layer, which ports of Mask R-CNN to Caffe mean. Forks of Caffe disagree: some read
///   `roi_pooling_param` or `aligned_h` and `aligned_w`, some take one sample or the largest of four, Cascade R-CNN gives the
///   corners of the bins; none of these is read here. `roi_align_param` has no settled number, 8266713 is this project's.
public struct ROIAlignLayer: Layer {
  public static let type = "ROIAlign"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let parameters: ROIAlignParameters
  private let title: String
  private static let mostSamples = 1024

  public init(_ parameters: ROIAlignParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.pooledH > 0 else { throw LayerError("pooled_h must be at least 1", field: "pooled_h") }
    guard parameters.pooledW > 0 else { throw LayerError("pooled_w must be at least 1", field: "pooled_w") }
    guard parameters.spatialScale > 0, parameters.spatialScale.isFinite else {
      throw LayerError("spatial_scale must be above 0", field: "spatial_scale")
    }
    guard parameters.samplingRatio <= ROIAlignLayer.mostSamples else {
      throw LayerError("sampling_ratio must be \(ROIAlignLayer.mostSamples) or less", field: "sampling_ratio")
    }
    self.parameters = parameters
    title = context.definition.title
  }

  /// N×C×H×W and regions R×5 → R×C×pooled_h×pooled_w.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a first bottom with 4 axes (N, C, H, W), found \(bottoms[0])") }
    try Region.check(bottoms[1])
    let top = try Shape(validating: [bottoms[1][0], bottoms[0][1], parameters.pooledH, parameters.pooledW])
    return LayerSignature(tops: [top], backwardReads: [.bottom(1)])
  }

  public func forward(_ io: ForwardIO) {
    let (x, regions, y) = (io.bottoms[0], io.bottoms[1], io.tops[0])
    y.fill(0)
    for row in 0..<regions.shape[0] {
      guard let region = Region(row, of: regions, images: x.shape[0], title: title, faults: io.faults) else { continue }
      eachShare(row, region, x.shape) { place, source, share in y[place] += share * x[source] }
    }
  }

  /// Each gradient is spread over the pixels of its bin as they took part; where regions overlap they add up.
  public func backward(_ io: BackwardIO) {
    io.bottomDiffs[1]?.fill(0)
    guard let dx = io.bottomDiffs[0] else { return }
    dx.fill(0)
    for row in 0..<io.bottoms[1].shape[0] {
      guard let region = Region(row, of: io.bottoms[1], images: dx.shape[0]) else { continue }
      eachShare(row, region, dx.shape) { place, source, share in dx[source] += share * io.topDiffs[0][place] }
    }
  }

  /// What rows or columns have to do with a bin: shares of those from `start` on.
  ///
  /// Samples form a grid and their interpolation is a product, so that rows and columns can be looked at apart.
  private struct Shares {
    var start = 0
    var values: [Float] = []

    mutating func add(_ share: Float, at index: Int) {
      if values.isEmpty { start = index }
      while values.count <= index - start { values.append(0) }
      values[index - start] += share
    }
  }

  /// Calls `body` with the place of each bin in the top, each element of the bottom that takes part in it, and its share.
  private func eachShare(
    _ row: Int, _ region: Region, _ bottom: Shape, _ body: (_ place: Int, _ source: Int, _ share: Float) -> Void
  ) {
    let lines = shares(region.y1, region.y2, bins: parameters.pooledH, extent: bottom[2])
    let columns = shares(region.x1, region.x2, bins: parameters.pooledW, extent: bottom[3])
    for channel in 0..<bottom[1] {
      let plane = (region.image * bottom[1] + channel) * bottom[2] * bottom[3]
      var place = (row * bottom[1] + channel) * lines.count * columns.count
      for line in lines {
        for column in columns {
          for (i, vertical) in line.values.enumerated() {
            let source = plane + (line.start + i) * bottom[3] + column.start
            for (j, horizontal) in column.values.enumerated() { body(place, source + j, vertical * horizontal) }
          }
          place += 1
        }
      }
    }
  }

  /// The shares of the rows or of the columns in each bin.
  private func shares(_ low: Float, _ high: Float, bins: Int, extent: Int) -> [Shares] {
    let start = low * parameters.spatialScale
    let size = max(high * parameters.spatialScale - start, 1) / Float(bins)
    let count = parameters.samplingRatio > 0 ? parameters.samplingRatio : max(1, wholeNumber(clamping: size.rounded(.up)))
    let step = size / Float(count)
    return (0..<bins).map { bin in
      var shares = Shares()
      let first = start + Float(bin) * size + 0.5 * step
      // Only samples near the image can have a share: a region may be far larger.
      let from = max(0, wholeNumber(clamping: ((-1 - first) / step).rounded(.down)))
      let to = min(count - 1, wholeNumber(clamping: ((Float(extent) - first) / step).rounded(.up)))
      for sample in from...max(from, to) where sample < count {
        add(first + Float(sample) * step, 1 / Float(count), extent, to: &shares)
      }
      return shares
    }
  }

  private func add(_ place: Float, _ share: Float, _ extent: Int, to shares: inout Shares) {
    guard place >= -1, place <= Float(extent), extent > 0 else { return }
    let inside = min(max(place, 0), Float(extent - 1))
    let low = Int(inside)
    shares.add(share * (1 - (inside - Float(low))), at: low)
    if low + 1 < extent { shares.add(share * (inside - Float(low)), at: low + 1) }
  }
}
