import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `bn_param`, by their prototxt names, those of all forks together.
public struct BNParameters: LayerParameters {
  public enum BNMode: Int32, ProtoEnum {
    /// Normalise with the batch's own mean and variance.
    case LEARN = 0
    /// Scale and shift alone, which a script has worked the statistics into.
    case INFERENCE = 1
    public static let schema = makeSchema("BNMode")
  }
  /// The factors; 1 when absent.
  public var slopeFiller: FillerParameter?
  /// The shifts; 0 when absent.
  public var biasFiller: FillerParameter?
  /// The share of the running statistics that stays.
  public var momentum: Float = 0.9
  /// Added to the variance; 1e-5 when absent, in SegNet's form 1e-9.
  public var eps: Float?
  /// Uses the running statistics in training too, and changes no parameter.
  public var frozen = false
  public var engine = Engine.DEFAULT
  /// `slope_filler` in the forks of DeconvNet, SegNet and PSPNet's first version.
  public var scaleFiller: FillerParameter?
  /// `bias_filler` there.
  public var shiftFiller: FillerParameter?
  public var bnMode: BNMode?
  /// 1 − `momentum` in PSPNet's first version.
  public var decay: Float?
  /// Whether testing uses the running statistics, there.
  public var movingAverage: Bool?
  /// `eps` there.
  public var varEps: Float?
  public init() {}
  public static let messageName = "BNParameter"
  public static let fields: [Field<BNParameters>] = [
    Field("slope_filler", 1, \.slopeFiller), Field("bias_filler", 2, \.biasFiller), Field("momentum", 3, \.momentum),
    Field("eps", 4, \.eps), Field("frozen", 5, \.frozen), Field("engine", 6, \.engine),
    Field("scale_filler", 1001, \.scaleFiller),
    Field("shift_filler", 1002, \.shiftFiller), Field("bn_mode", 1003, \.bnMode), Field("decay", 1004, \.decay),
    Field("moving_average", 1005, \.movingAverage), Field("var_eps", 1006, \.varEps),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("bn_param", 1137, schema)
}

/// Batch normalisation with its scale and shift in one layer: y = slope · (x − mean) / √(variance + eps) + bias per channel.
/// Ioffe and Szegedy, ICML 2015.
///
/// In PSPNet's form mean and variance are the batch's in training and running averages in testing, or always with `frozen`. In
/// SegNet's form there are no averages: `bn_mode: LEARN` takes the batch's in both phases, `bn_mode: INFERENCE` is slope · x +
/// bias; further tops of LEARN are the batch's mean and variance. With `caffe train --sync-batch-norm` the batch is that of all ranks.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer {
///   name: "bn" type: "BN" bottom: "x" top: "y"
///   bn_param { slope_filler { value: 1 } bias_filler { value: 0 } momentum: 0.95 }
/// }
/// ```
///
/// - Difference: a slope without filler starts at 1; in the forks at 0.
/// - Dialect: two layers have this name. PSPNet's, which is that of yjxiong's fork and of ICNet, has 4 parameters: slope, bias,
///   running mean and running variance; SegNet's, which is DeconvNet's, has slope and bias only. `bn_mode`, or `scale_filler` or
///   `shift_filler` without `decay`, `moving_average` and `var_eps`, says that SegNet's is meant; without any such field
///   `--dialect segnet` does. The fields that yjxiong's fork lacks have numbers from 1001 on here.
public struct BNLayer: Layer {
  public static let type = "BN"
  public static let bottoms = 1...1
  public static let tops = 1...3

  private enum Statistics {
    /// The batch's own; the running ones are changed where the layer keeps some.
    case batch(isRunning: Bool)
    /// The running ones as they are.
    case running
    /// 0 and 1.
    case none
  }
  private let statistics: Statistics
  private let hasRunning: Bool
  private let isFrozen: Bool
  private let slopeFiller, biasFiller: FillerParameter
  private let momentum, eps: Float
  private let topCount: Int

  public init(_ parameters: BNParameters, in context: LayerContext) throws(LayerError) {
    let p = parameters
    let isSegNet = try BNLayer.isSegNet(p, context.dialect)
    hasRunning = !isSegNet
    isFrozen = p.frozen
    slopeFiller = p.slopeFiller ?? p.scaleFiller ?? FillerParameter(constant: 1)
    biasFiller = p.biasFiller ?? p.shiftFiller ?? FillerParameter()
    momentum = p.decay.map { 1 - $0 } ?? p.momentum
    eps = p.eps ?? p.varEps ?? (isSegNet ? 1e-9 : 1e-5)
    topCount = context.topCount
    if isSegNet {
      statistics = p.bnMode == .INFERENCE ? .none : .batch(isRunning: false)
    } else if p.frozen || (context.phase == .TEST && p.movingAverage ?? true) {
      statistics = .running
    } else {
      statistics = .batch(isRunning: context.phase == .TRAIN)
    }
    guard topCount == 1 || (isSegNet && p.bnMode != .INFERENCE) else {
      throw LayerError("the batch's mean and variance are further tops of bn_mode: LEARN only", field: "top")
    }
    guard eps >= 0 else { throw LayerError("eps must be 0 or more", field: p.eps != nil ? "eps" : "var_eps") }
  }

  /// Which of the two layers the fields mean.
  private static func isSegNet(_ p: BNParameters, _ dialect: Dialect) throws(LayerError) -> Bool {
    let isAverage = p.decay != nil || p.movingAverage != nil || p.varEps != nil
    let isPSPNet = p.slopeFiller != nil || p.biasFiller != nil || p.eps != nil || p.momentum != 0.9 || p.frozen
    let isSegNet = p.bnMode != nil || ((p.scaleFiller != nil || p.shiftFiller != nil) && !isAverage)
    if isSegNet, isPSPNet || isAverage {
      throw LayerError("fields of SegNet's BN and of PSPNet's do not go together", field: "bn_param")
    }
    return isSegNet || (!isPSPNet && !isAverage && dialect == .segnet)
  }

  /// N×C×…; the first top has the same shape, further ones 1×C×1×1. Weights 1×C×1×1: slope, bias, and PSPNet's running mean and
  /// variance. Saved: mean (C), 1/√(variance + eps) (C).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 2 else { throw ShapeError("needs a bottom with at least 2 axes (N, C), found \(bottoms[0])") }
    let (channels, blob) = (Shape([bottoms[0][1]]), Shape([1, bottoms[0][1], 1, 1]))
    let learned: WeightSpec.Role = isFrozen ? .fixed : .learned
    var weights = [WeightSpec(blob, slopeFiller, role: learned), WeightSpec(blob, biasFiller, role: learned)]
    var isStored = true
    if case .batch(let isRunning) = statistics { isStored = !isRunning }
    if hasRunning {
      let role: WeightSpec.Role = isStored ? .fixed : .statistic
      weights.append(WeightSpec(blob, FillerParameter(), role: role))
      weights.append(WeightSpec(blob, FillerParameter(constant: isFrozen ? 1 : 0), role: role))
    }
    return LayerSignature(
      tops: Array([bottoms[0], blob, blob].prefix(topCount)), weights: weights, saved: [channels, channels],
      scratch: [channels, channels], backwardReads: isFrozen ? [] : [.bottom(0)], allowsInPlace: true)
  }

  public func forward(_ io: ForwardIO) {
    let (mean, inverse) = (io.saved[0], io.saved[1])
    switch statistics {
    case .batch(let isRunning):
      let items = ChannelNormalization.measure(io.bottoms[0], mean: mean, variance: inverse, over: io.batchSum)
      // A batch that a Filter left empty has no statistics to add.
      if isRunning, items > 0 { updateRunning(io) }
      for c in 0..<mean.count where io.tops.count > 1 { io.tops[1][c] = mean[c] }
      for c in 0..<mean.count where io.tops.count > 2 { io.tops[2][c] = inverse[c] }
    case .running: for c in 0..<mean.count { (mean[c], inverse[c]) = (io.weights[2][c], io.weights[3][c]) }
    case .none: mean.fill(0)
    }
    if case .none = statistics {
      inverse.fill(1)
    } else {
      for c in 0..<mean.count { inverse[c] = 1 / (inverse[c] + eps).squareRoot() }
    }
    normalization(io.saved, io.weights).apply(io.bottoms[0], to: io.tops[0])
  }

  private func updateRunning(_ io: ForwardIO) {
    for (running, batch) in zip(io.weights[2...], io.saved) {
      for c in 0..<batch.count { running[c] = momentum * running[c] + (1 - momentum) * batch[c] }
    }
  }

  private func normalization(_ saved: [TensorView], _ weights: [TensorView]) -> ChannelNormalization {
    ChannelNormalization(mean: saved[0], inverse: saved[1], factor: weights[0], shift: weights[1])
  }

  /// dslope += Σ dy · n and dbias += Σ dy with n = (x − mean) / √(variance + eps); dx = dy · slope / √(variance + eps), with the
  /// batch's own statistics (dy − mean(dy) − n · mean(dy · n)) · slope / √(variance + eps).
  public func backward(_ io: BackwardIO) {
    let (x, dy, normalization) = (io.bottoms[0], io.topDiffs[0], normalization(io.saved, io.weights))
    if io.weightDiffs[0] != nil || io.weightDiffs[1] != nil {
      normalization.addGradients(x, dy, factor: io.weightDiffs[0], shift: io.weightDiffs[1])
    }
    guard let dx = io.bottomDiffs[0] else { return }
    if case .batch = statistics {
      normalization.spread(dy, to: dx, throughStatisticsOf: x, scratch: io.scratch, over: io.batchSum)
    } else {
      normalization.spread(dy, to: dx)
    }
  }
}
