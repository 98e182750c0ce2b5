import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `mvn_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct MVNParameters: LayerParameters {
  /// Whether to divide by the standard deviation as well.
  public var normalizeVariance = true
  /// Over whole items instead of each channel by itself.
  public var acrossChannels = false
  /// Added to the standard deviation, so that nothing is divided by 0.
  public var eps: Float = 1e-9
  public init() {}
  public static let messageName = "MVNParameter"
  public static let fields: [Field<MVNParameters>] = [
    Field("normalize_variance", 1, \.normalizeVariance), Field("across_channels", 2, \.acrossChannels), Field("eps", 3, \.eps),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("mvn_param", 120, v1: 34, schema)
}

/// y = (x − mean) / (σ + eps) over each channel of each item, or over each item; without `normalize_variance` x − mean.
///
/// eps is added to the standard deviation, not to the variance as in BatchNorm: Caffe's nets are trained so.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "mvn" type: "MVN" bottom: "x" top: "y" mvn_param { across_channels: true } }
/// ```
///
/// - Difference: bottoms may have any number of axes; Caffe 1.0 takes at most 4.
public struct MVNLayer: Layer {
  public static let type = "MVN"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: MVNParameters

  public init(_ parameters: MVNParameters, in context: LayerContext) { self.parameters = parameters }

  /// N×C×…; the top has the same shape. Saved with `normalize_variance`: σ + eps of each normalised stretch.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 1 else { throw ShapeError("needs a bottom with at least 1 axis") }
    let perItem = parameters.acrossChannels || bottoms[0].rank == 1
    let stretches = perItem ? bottoms[0][0] : bottoms[0][0] * bottoms[0][1]
    let isScaled = parameters.normalizeVariance
    return LayerSignature(
      tops: bottoms, saved: [[stretches]], backwardReads: isScaled ? [.top(0)] : [], allowsInPlace: true,
      independence: perItem ? .items : .planes)
  }

  /// Calls `body` with the number of each stretch that is normalised by itself, and its elements.
  private func eachStretch(_ count: Int, _ deviations: TensorView, _ body: (Int, Range<Int>) -> Void) {
    let extent = count / max(1, deviations.count)
    for stretch in 0..<deviations.count { body(stretch, stretch * extent..<(stretch + 1) * extent) }
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, deviations) = (io.bottoms[0], io.tops[0], io.saved[0])
    eachStretch(x.count, deviations) { stretch, range in
      let count = Float(range.count)
      let mean = range.reduce(Float(0)) { $0 + x[$1] } / count
      for i in range { y[i] = x[i] - mean }
      deviations[stretch] = 1
      guard parameters.normalizeVariance else { return }
      let variance = range.reduce(Float(0)) { $0 + y[$1] * y[$1] } / count
      deviations[stretch] = variance.squareRoot() + parameters.eps
      for i in range { y[i] /= deviations[stretch] }
    }
  }

  /// dx = (dy − mean(dy) − y · mean(dy · y)) / (σ + eps), as if eps were 0 otherwise; dy − mean(dy) without
  /// `normalize_variance`.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (y, dy, deviations) = (io.tops[0], io.topDiffs[0], io.saved[0])
    eachStretch(dx.count, deviations) { stretch, range in
      let count = Float(range.count)
      let mean = range.reduce(Float(0)) { $0 + dy[$1] } / count
      guard parameters.normalizeVariance else {
        for i in range { dx[i] = dy[i] - mean }
        return
      }
      let product = range.reduce(Float(0)) { $0 + dy[$1] * y[$1] } / count
      for i in range { dx[i] = (dy[i] - mean - y[i] * product) / deviations[stretch] }
    }
  }
}
