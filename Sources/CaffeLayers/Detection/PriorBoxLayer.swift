import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `prior_box_param`, by their prototxt names; defaults are those of SSD.
public struct PriorBoxParameters: LayerParameters {
  /// How boxes are written relative to priors.
  public enum CodeType: Int32, ProtoEnum {
    /// Offsets of the corners.
    case CORNER = 1
    /// Offset of the centre and logarithms of the extents, by the prior's extents.
    case CENTER_SIZE = 2
    /// Offsets of the corners, by the prior's extents.
    case CORNER_SIZE = 3
    public static let schema = makeSchema("CodeType")
  }
  /// Sides of squares, in pixels of the image; at least one.
  public var minSize: [Float] = []
  /// None, or one for each `min_size`: adds a square of side √(min_size · max_size).
  public var maxSize: [Float] = []
  /// Adds boxes of the area of `min_size` with this ratio of width to height; 1 is there anyway.
  public var aspectRatio: [Float] = []
  /// Whether each ratio brings its reciprocal along.
  public var flip = true
  /// Whether boxes are cut to the image.
  public var clip = false
  /// What codes of boxes are scaled by: one for all four numbers, or four; 0.1 where none is given.
  public var variance: [Float] = []
  /// The image's size, instead of the second bottom's.
  public var imgSize: Int?
  /// The image's height, instead of the second bottom's.
  public var imgH: Int?
  /// The image's width, instead of the second bottom's.
  public var imgW: Int?
  /// The distance of centres in pixels; where none is given, the image's size by the feature map's.
  public var step: Float?
  /// The vertical distance of centres.
  public var stepH: Float?
  /// The horizontal distance of centres.
  public var stepW: Float?
  /// Where the first centre lies, in steps.
  public var offset: Float = 0.5
  public init() {}
  public static let messageName = "PriorBoxParameter"
  public static let fields: [Field<PriorBoxParameters>] = [
    Field("min_size", 1, \.minSize), Field("max_size", 2, \.maxSize), Field("aspect_ratio", 3, \.aspectRatio),
    Field("flip", 4, \.flip), Field("clip", 5, \.clip), Field("variance", 6, \.variance),
    Field("img_size", 7, \.imgSize, as: .uint32), Field("img_h", 8, \.imgH, as: .uint32), Field("img_w", 9, \.imgW, as: .uint32),
    Field("step", 10, \.step), Field("step_h", 11, \.stepH), Field("step_w", 12, \.stepW), Field("offset", 13, \.offset),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("prior_box_param", 203, schema)
}

/// The boxes that SSD's predictions are relative to: around each place of a feature map, squares and rectangles of given
/// sizes, as shares of the image. Liu et al., ECCV 2016.
///
/// For each `min_size` s there are a square of side s, one of side √(s · max_size) where there is a `max_size`, and for each
/// ratio r other than 1 a box s·√r × s/√r. Sizes are cut to whole pixels. Values of the bottoms do not matter, only their
/// extents.
///
/// ```prototxt
/// # features: 1x8x5x5
/// # data: 1x3x40x40
/// layer {
///   name: "priors" type: "PriorBox" bottom: "features" bottom: "data" top: "priors"
///   prior_box_param { min_size: 8 max_size: 16 aspect_ratio: 2 variance: 0.1 variance: 0.1 variance: 0.2 variance: 0.2 }
/// }
/// ```
///
/// - Dialect: SSD and the forks that took it over. The fork of FaceBoxes makes more boxes of sizes 32 and 64; those are not made
///   here.
public struct PriorBoxLayer: Layer {
  public static let type = "PriorBox"
  public static let bottoms = 2...2
  public static let tops = 1...1
  /// A bound for files that only want to fill the memory.
  private static let mostBoxes = 1 << 16
  /// Widths and heights of the boxes around a place, in pixels.
  private let sizes: [(width: Float, height: Float)]
  private let variance: [Float]
  private let image: (height: Int, width: Int)?
  private let step: (height: Float, width: Float)?
  private let clips: Bool
  private let offset: Float

  public init(_ parameters: PriorBoxParameters, in context: LayerContext) throws(LayerError) {
    try PriorBoxLayer.checkSizes(parameters)
    sizes = PriorBoxLayer.sizes(parameters)
    variance = try PriorBoxLayer.variance(parameters.variance)
    image = try PriorBoxLayer.pair(parameters.imgSize, parameters.imgH, parameters.imgW, "img_size", "img_h", "img_w")
    step = try PriorBoxLayer.pair(parameters.step, parameters.stepH, parameters.stepW, "step", "step_h", "step_w")
    clips = parameters.clip
    offset = parameters.offset
  }

  private static func checkSizes(_ p: PriorBoxParameters) throws(LayerError) {
    guard !p.minSize.isEmpty else { throw LayerError("min_size is missing", field: "prior_box_param") }
    guard p.minSize.allSatisfy({ $0 > 0 && $0.isFinite }) else { throw LayerError("min_size must be above 0", field: "min_size") }
    guard p.maxSize.isEmpty || p.maxSize.count == p.minSize.count else {
      throw LayerError("\(p.minSize.count) min_size need no max_size, or one each; \(p.maxSize.count) given", field: "max_size")
    }
    guard zip(p.minSize, p.maxSize).allSatisfy({ $0 < $1 && $1.isFinite }) else {
      throw LayerError("each max_size must be above its min_size", field: "max_size")
    }
    guard p.aspectRatio.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw LayerError("aspect_ratio must be above 0", field: "aspect_ratio")
    }
    let (count, overflow) = p.minSize.count.multipliedReportingOverflow(by: 2 + 2 * p.aspectRatio.count)
    guard !overflow, count <= mostBoxes else {
      throw LayerError("more than \(mostBoxes) boxes at each place", field: "prior_box_param")
    }
  }

  private static func sizes(_ p: PriorBoxParameters) -> [(width: Float, height: Float)] {
    let roots = ratios(p).map { $0.squareRoot() }
    return p.minSize.indices.flatMap { index -> [(width: Float, height: Float)] in
      let side = p.minSize[index].rounded(.towardZero)
      let larger = p.maxSize.isEmpty ? [] : [(side * p.maxSize[index].rounded(.towardZero)).squareRoot()]
      return ([side] + larger).map { ($0, $0) } + roots.map { (side * $0, side / $0) }
    }
  }

  /// The ratios other than 1, in order, without those that were there before.
  private static func ratios(_ p: PriorBoxParameters) -> [Float] {
    var ratios: [Float] = [1]
    for ratio in p.aspectRatio where !ratios.contains(where: { abs($0 - ratio) < 1e-6 }) {
      ratios += p.flip ? [ratio, 1 / ratio] : [ratio]
    }
    return ratios.filter { abs($0 - 1) >= 1e-6 }
  }

  private static func variance(_ given: [Float]) throws(LayerError) -> [Float] {
    guard [0, 1, 4].contains(given.count) else {
      throw LayerError("give no variance, one, or 4; \(given.count) given", field: "variance")
    }
    guard given.allSatisfy({ $0 > 0 }) else { throw LayerError("variance must be above 0", field: "variance") }
    return given.count == 4 ? given : [Float](repeating: given.first ?? 0.1, count: 4)
  }

  /// A height and a width that are given as one number or as two; nil where none is given.
  private static func pair<V: Comparable & Numeric>(
    _ both: V?, _ height: V?, _ width: V?, _ name: String, _ heightName: String, _ widthName: String
  ) throws(LayerError) -> (height: V, width: V)? {
    if both == nil, height == nil, width == nil { return nil }
    guard both == nil || height == nil && width == nil else {
      throw LayerError("give \(name), or \(heightName) and \(widthName), not both", field: name)
    }
    guard let height = both ?? height, let width = both ?? width else {
      throw LayerError("\(heightName) and \(widthName) go together", field: height == nil ? widthName : heightName)
    }
    guard height > 0, width > 0 else {
      throw LayerError(
        "\(both == nil ? "\(heightName) and \(widthName)" : name) must be above 0", field: both == nil ? heightName : name)
    }
    return (height, width)
  }

  /// Features N×C×H×W and the image N×C×H'×W' → 1×2×(H·W·boxes·4): corners of the boxes, then their variances.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms.allSatisfy({ $0.rank == 4 && $0[2] > 0 && $0[3] > 0 }) else {
      throw ShapeError("both bottoms need 4 axes (N, C, H, W) and at least one pixel")
    }
    return LayerSignature(tops: [[1, 2, bottoms[0].count(from: 2) * sizes.count * 4]])
  }

  public func forward(_ io: ForwardIO) {
    let (features, top) = (io.bottoms[0].shape, io.tops[0])
    let image = image ?? (io.bottoms[1].shape[2], io.bottoms[1].shape[3])
    let (height, width) = (Float(image.height), Float(image.width))
    let step = step ?? (height / Float(features[2]), width / Float(features[3]))
    var place = 0
    for row in 0..<features[2] {
      for column in 0..<features[3] {
        let (x, y) = ((Float(column) + offset) * step.width, (Float(row) + offset) * step.height)
        for size in sizes {
          let (across, down) = (size.width / 2, size.height / 2)
          let box = Box((x - across) / width, (y - down) / height, (x + across) / width, (y + down) / height)
          write(clips ? box.clipped() : box, to: top, at: &place)
        }
      }
    }
  }

  private func write(_ box: Box, to top: TensorView, at place: inout Int) {
    for corner in 0..<4 {
      top[place + corner] = box.corners[corner]
      top[top.count / 2 + place + corner] = variance[corner]
    }
    place += 4
  }

  /// 0: the boxes follow from extents alone.
  public func backward(_ io: BackwardIO) {
    for dx in io.bottomDiffs { dx?.fill(0) }
  }
}
