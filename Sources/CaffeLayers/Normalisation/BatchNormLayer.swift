import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `batch_norm_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct BatchNormParameters: LayerParameters {
  /// Whether stored statistics are used; by default in the TEST phase.
  public var useGlobalStats: Bool?
  /// What is kept of the running sums in each pass of training.
  public var movingAverageFraction: Float = 0.999
  /// Added to the variance, so that nothing is divided by 0.
  public var eps: Float = 1e-5
  public init() {}
  public static let messageName = "BatchNormParameter"
  public static let fields: [Field<BatchNormParameters>] = [
    Field("use_global_stats", 1, \.useGlobalStats), Field("moving_average_fraction", 2, \.movingAverageFraction),
    Field("eps", 3, \.eps),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("batch_norm_param", 139, schema)
}

/// y = (x − mean) / √(variance + eps) per channel; the learned scale and shift are a Scale layer of their own. Ioffe and Szegedy,
/// ICML 2015.
///
/// The three blobs are running sums: mean and variance divided by the third are the averages. In training they decay by
/// `moving_average_fraction`, and the variance goes in with Bessel's correction.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param { eps: 0.001 } }
/// ```
public struct BatchNormLayer: Layer {
  public static let type = "BatchNorm"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: BatchNormParameters
  private let usesStored: Bool

  public init(_ parameters: BatchNormParameters, in context: LayerContext) {
    self.parameters = parameters
    usesStored = parameters.useGlobalStats ?? (context.phase == .TEST)
  }

  /// N×C×…; the top has the same shape. Weights: mean (C), variance (C), factor (1). Saved: 1/√(variance + eps) (C).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 1 else { throw ShapeError("needs a bottom with at least 1 axis") }
    let channels = Shape([bottoms[0].rank > 1 ? bottoms[0][1] : 1])
    let statistic = [channels, channels, [1]].map { WeightSpec($0, FillerParameter(), role: .statistic) }
    return LayerSignature(
      tops: bottoms, weights: statistic, saved: [channels], scratch: [channels, channels],
      backwardReads: usesStored ? [] : [.top(0)], allowsInPlace: true,
      primitive: usesStored ? .normalize(eps: parameters.eps) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, mean, variance) = (io.bottoms[0], io.tops[0], io.scratch[0], io.scratch[1])
    if usesStored {
      let factor = io.weights[2][0] == 0 ? 0 : 1 / io.weights[2][0]
      for c in 0..<mean.count { (mean[c], variance[c]) = (io.weights[0][c] * factor, io.weights[1][c] * factor) }
    } else {
      measure(x, mean, variance)
      updateStatistics(io, items: x.count / max(1, mean.count))
    }
    let inverse = io.saved[0]
    for c in 0..<mean.count { inverse[c] = 1 / (variance[c] + parameters.eps).squareRoot() }
    eachChannel(x.shape) { c, range in for i in range { y[i] = (x[i] - mean[c]) * inverse[c] } }
  }

  private func measure(_ x: TensorView, _ mean: TensorView, _ variance: TensorView) {
    let items = Float(x.count / max(1, mean.count))
    mean.fill(0)
    variance.fill(0)
    eachChannel(x.shape) { c, range in mean[c] += range.reduce(Float(0)) { $0 + x[$1] } / items }
    eachChannel(x.shape) { c, range in
      variance[c] += range.reduce(Float(0)) { $0 + (x[$1] - mean[c]) * (x[$1] - mean[c]) } / items
    }
  }

  private func updateStatistics(_ io: ForwardIO, items: Int) {
    let fraction = parameters.movingAverageFraction
    let bessel = items > 1 ? Float(items) / Float(items - 1) : 1
    io.weights[2][0] = io.weights[2][0] * fraction + 1
    for c in 0..<io.weights[0].count {
      io.weights[0][c] = io.weights[0][c] * fraction + io.scratch[0][c]
      io.weights[1][c] = io.weights[1][c] * fraction + bessel * io.scratch[1][c]
    }
  }

  /// With stored statistics dx = dy / √(v + eps); else dx = (dy − mean(dy) − y · mean(dy · y)) / √(v + eps).
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (dy, y, inverse) = (io.topDiffs[0], io.tops[0], io.saved[0])
    guard !usesStored else { return eachChannel(dx.shape) { c, range in for i in range { dx[i] = dy[i] * inverse[c] } } }
    let (meanGradient, meanProduct) = (io.scratch[0], io.scratch[1])
    let items = Float(dx.count / max(1, inverse.count))
    meanGradient.fill(0)
    meanProduct.fill(0)
    eachChannel(dx.shape) { c, range in
      meanGradient[c] += range.reduce(Float(0)) { $0 + dy[$1] } / items
      meanProduct[c] += range.reduce(Float(0)) { $0 + dy[$1] * y[$1] } / items
    }
    eachChannel(dx.shape) { c, range in
      for i in range { dx[i] = (dy[i] - meanGradient[c] - y[i] * meanProduct[c]) * inverse[c] }
    }
  }
}
