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
  public var engine = Engine.DEFAULT
  /// The learned factors of NVIDIA's fork; 1 when absent.
  public var scaleFiller: FillerParameter?
  /// The learned shifts of NVIDIA's and Intel's forks; 0 when absent.
  public var biasFiller: FillerParameter?
  /// Whether the layer has a learned factor and shift per channel, in NVIDIA's fork.
  public var scaleBias = false
  /// The same in Intel's fork.
  public var useWeightBias: Bool?
  /// With `use_weight_bias`, whether there is a shift.
  public var biasTerm = true
  /// The learned factors of Intel's fork; 1 when absent.
  public var filler: FillerParameter?
  public init() {}
  public static let messageName = "BatchNormParameter"
  public static let fields: [Field<BatchNormParameters>] = [
    Field("use_global_stats", 1, \.useGlobalStats), Field("moving_average_fraction", 2, \.movingAverageFraction),
    Field("eps", 3, \.eps), Field("engine", 4, \.engine), Field("scale_filler", 5, \.scaleFiller),
    Field("bias_filler", 6, \.biasFiller), Field("scale_bias", 7, \.scaleBias),
    Field("use_weight_bias", 1005, \.useWeightBias), Field("bias_term", 1006, \.biasTerm), Field("filler", 1007, \.filler),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("batch_norm_param", 139, schema)

  /// NVIDIA's fork takes a filler for the wish to have what it fills.
  fileprivate var isNVIDIA: Bool { scaleBias || (useWeightBias != true && (scaleFiller != nil || biasFiller != nil)) }
}

/// y = (x − mean) / √(variance + eps) per channel; the learned scale and shift are a Scale layer of their own. Ioffe and Szegedy,
/// ICML 2015.
///
/// The three blobs are running sums: mean and variance divided by the third are the averages. In training they decay by
/// `moving_average_fraction`, and the variance goes in with Bessel's correction.
///
/// With `scale_bias: true` the layer learns a scale and a shift itself, as blobs 3 and 4, and the first two blobs are averages
/// that keep the third as it is.
///
/// On several ranks the batch is the rank's own; with `caffe train --sync-batch-norm` it is that of all.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "bn" type: "BatchNorm" bottom: "x" top: "y" batch_norm_param { eps: 0.001 } }
/// ```
///
/// - Dialect: `scale_bias`, `scale_filler` and `bias_filler` are NVIDIA's, where eps is 10⁻⁵ at least; a filler alone means
///   `scale_bias: true`, as there. `use_weight_bias: true` with `filler`, `bias_term` and `bias_filler` is Intel's, whose blobs
///   stay running sums; the fields have other numbers here, since Intel's are NVIDIA's.
public struct BatchNormLayer: Layer {
  public static let type = "BatchNorm"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: BatchNormParameters
  private let usesStored: Bool
  private let eps: Float
  /// Fillers of a learned factor and a learned shift, where the layer has them.
  private let learned: [FillerParameter]
  /// NVIDIA's blobs are the averages, BVLC's and Intel's are sums.
  private let keepsAverages: Bool

  private static let smallestEpsOfNVIDIA: Float = 1e-5

  public init(_ parameters: BatchNormParameters, in context: LayerContext) throws(LayerError) {
    guard !parameters.scaleBias || parameters.useWeightBias == nil else {
      throw LayerError("give scale_bias or use_weight_bias, not both", field: "scale_bias")
    }
    self.parameters = parameters
    usesStored = parameters.useGlobalStats ?? (context.phase == .TEST)
    keepsAverages = parameters.isNVIDIA
    eps = keepsAverages ? max(parameters.eps, BatchNormLayer.smallestEpsOfNVIDIA) : parameters.eps
    let shift = parameters.biasFiller ?? FillerParameter()
    let factor = parameters.scaleFiller ?? parameters.filler ?? FillerParameter(constant: 1)
    let hasShift = keepsAverages || parameters.biasTerm
    learned = keepsAverages || parameters.useWeightBias == true ? (hasShift ? [factor, shift] : [factor]) : []
  }

  /// N×C×…; the top has the same shape. Weights: mean (C), variance (C), factor (1), and a learned scale (C) and shift (C) where
  /// there are such. Saved: 1/√(variance + eps) (C), and with a learned scale mean (C).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 1 else { throw ShapeError("needs a bottom with at least 1 axis") }
    let channels = Shape([bottoms[0].rank > 1 ? bottoms[0][1] : 1])
    let role: WeightSpec.Role = usesStored && !learned.isEmpty ? .fixed : .statistic
    let statistics = [channels, channels, [1]].map { WeightSpec($0, FillerParameter(), role: role) }
    guard learned.isEmpty else {
      return LayerSignature(
        tops: bottoms, weights: statistics + learned.map { WeightSpec(channels, $0) }, saved: [channels, channels],
        scratch: [channels, channels], backwardReads: [.bottom(0)], allowsInPlace: true)
    }
    return LayerSignature(
      tops: bottoms, weights: statistics, saved: [channels], scratch: [channels, channels],
      backwardReads: usesStored ? [] : [.top(0)], allowsInPlace: true,
      primitive: usesStored ? .normalize(eps: eps) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, mean, variance) = (io.bottoms[0], io.tops[0], io.scratch[0], io.scratch[1])
    if usesStored {
      let factor = io.weights[2][0] == 0 ? 0 : 1 / io.weights[2][0]
      for c in 0..<mean.count { (mean[c], variance[c]) = (io.weights[0][c] * factor, io.weights[1][c] * factor) }
    } else {
      let items = ChannelNormalization.measure(x, mean: mean, variance: variance, over: io.batchSum)
      // A batch that a Filter left empty has no statistics to add.
      if items > 0 { updateStatistics(io, items: items) }
    }
    let inverse = io.saved[0]
    for c in 0..<mean.count { inverse[c] = 1 / (variance[c] + eps).squareRoot() }
    if io.saved.count > 1 { io.saved[1].copy(from: mean) }
    normalization(mean, inverse, io.weights).apply(x, to: y)
  }

  private func normalization(_ mean: TensorView, _ inverse: TensorView, _ weights: [TensorView]) -> ChannelNormalization {
    ChannelNormalization(
      mean: mean, inverse: inverse, factor: weights.count > 3 ? weights[3] : nil, shift: weights.count > 4 ? weights[4] : nil)
  }

  private func updateStatistics(_ io: ForwardIO, items: Int) {
    let fraction = parameters.movingAverageFraction
    let bessel = items > 1 ? Float(items) / Float(items - 1) : 1
    var (kept, added) = (fraction, Float(1))
    if keepsAverages {
      let isFirst = io.weights[2][0] == 0
      if isFirst { io.weights[2][0] = 1 }
      (kept, added) = isFirst ? (0, 1) : (fraction, (1 - fraction) * io.weights[2][0])
    } else {
      io.weights[2][0] = io.weights[2][0] * fraction + 1
    }
    for c in 0..<io.weights[0].count {
      io.weights[0][c] = io.weights[0][c] * kept + added * io.scratch[0][c]
      io.weights[1][c] = io.weights[1][c] * kept + added * bessel * io.scratch[1][c]
    }
  }

  /// With stored statistics dx = dy / √(v + eps); else dx = (dy − mean(dy) − y · mean(dy · y)) / √(v + eps). A learned scale
  /// takes part as a factor, dscale += Σ dy · n and dshift += Σ dy with n the normalised x.
  public func backward(_ io: BackwardIO) {
    guard learned.isEmpty else { return backwardLearned(io) }
    guard let dx = io.bottomDiffs[0] else { return }
    let (dy, y, inverse) = (io.topDiffs[0], io.tops[0], io.saved[0])
    guard !usesStored else { return eachChannel(dx.shape) { c, range in for i in range { dx[i] = dy[i] * inverse[c] } } }
    let (meanGradient, meanProduct) = (io.scratch[0], io.scratch[1])
    let items = dx.count / max(1, inverse.count)
    meanGradient.fill(0)
    meanProduct.fill(0)
    eachChannel(dx.shape) { c, range in
      meanGradient[c] += range.reduce(Float(0)) { $0 + dy[$1] } / Float(items)
      meanProduct[c] += range.reduce(Float(0)) { $0 + dy[$1] * y[$1] } / Float(items)
    }
    ChannelNormalization.joinMeans(meanGradient, meanProduct, of: items, over: io.batchSum)
    eachChannel(dx.shape) { c, range in
      for i in range { dx[i] = (dy[i] - meanGradient[c] - y[i] * meanProduct[c]) * inverse[c] }
    }
  }

  private func backwardLearned(_ io: BackwardIO) {
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    let normalization = normalization(io.saved[1], io.saved[0], io.weights)
    normalization.addGradients(
      x, dy, factor: io.weightDiffs[3], shift: io.weightDiffs.count > 4 ? io.weightDiffs[4] : nil)
    guard let dx = io.bottomDiffs[0] else { return }
    if usesStored {
      normalization.spread(dy, to: dx)
    } else {
      normalization.spread(dy, to: dx, throughStatisticsOf: x, scratch: io.scratch, over: io.batchSum)
    }
  }
}
