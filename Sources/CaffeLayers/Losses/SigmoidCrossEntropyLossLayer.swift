import CaffeCore
import CaffeFormat
import CaffeGraph

/// −Σ (t · log σ(x) + (1 − t) · log(1 − σ(x))), divided as `loss_param` says, by the batch's size unless it says something;
/// targets t are probabilities, and those whose whole part is `ignore_label` do not count.
///
/// ```prototxt
/// # score: 4x3
/// # target: 4x3 in 0...1
/// layer { name: "loss" type: "SigmoidCrossEntropyLoss" bottom: "score" bottom: "target" top: "loss" }
/// ```
public struct SigmoidCrossEntropyLossLayer: Layer {
  public static let type = "SigmoidCrossEntropyLoss"
  public static let bottoms = 2...2
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let loss: LossParameter
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) {
    loss = context.definition.loss
    topCount = context.topCount
  }

  /// Scores N×…, as many targets. Top: loss ().
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank > 0, bottoms[1].rank > 0, bottoms[0][0] == bottoms[1][0], bottoms[0].count == bottoms[1].count else {
      throw ShapeError("both bottoms must hold as many items of the same size, found \(bottoms[0]) and \(bottoms[1])")
    }
    return LayerSignature(tops: Array([[]].prefix(topCount)), backwardReads: [.bottom(0), .bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  private func isIgnored(_ target: Float) -> Bool { loss.ignoreLabel.map { label(target) == $0 } ?? false }

  private func divisor(_ targets: TensorView) -> Float {
    let valid = (0..<targets.count).count { !isIgnored(targets[$0]) }
    return loss.mode(default: .BATCH_SIZE).divisor(
      valid: valid, outer: targets.shape[0], inner: targets.shape.count(from: 1), preFixed: loss.preFixedNormalizer)
  }

  public func forward(_ io: ForwardIO) {
    let (x, targets) = (io.bottoms[0], io.bottoms[1])
    var sum: Float = 0
    for i in 0..<x.count where !isIgnored(targets[i]) {
      // log(1 + e^−|x|) instead of logarithms of σ, which would overflow.
      sum -= x[i] * (targets[i] - (x[i] >= 0 ? 1 : 0)) - logarithm(1 + exponential(-abs(x[i])))
    }
    io.tops.first?[0] = sum / divisor(targets)
  }

  /// dx = (σ(x) − t) · dloss / divisor; 0 where the target is ignored.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, targets) = (io.bottoms[0], io.bottoms[1])
    let factor = (io.topDiffs.first?[0] ?? 0) / divisor(targets)
    for i in 0..<dx.count { dx[i] = isIgnored(targets[i]) ? 0 : (logistic(x[i]) - targets[i]) * factor }
  }
}
