import CaffeCore
import CaffeGraph

/// −Σ log p[label] / N, of probabilities that the net has already made. SoftmaxWithLoss takes scores and is more exact.
///
/// Probabilities below 10⁻²⁰ count as that.
///
/// ```prototxt
/// # prob: 4x5 in 0.01...1
/// # label: 4 labels 5
/// layer { name: "loss" type: "MultinomialLogisticLoss" bottom: "prob" bottom: "label" top: "loss" }
/// ```
///
/// - Difference: a label that names no class ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct MultinomialLogisticLossLayer: Layer {
  public static let type = "MultinomialLogisticLoss"
  public static let bottoms = 2...2
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let title: String
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) {
    title = context.definition.title
    topCount = context.topCount
  }

  /// Probabilities N×C (further axes count as classes), N labels. Top: loss ().
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    _ = try labelledItems(bottoms)
    return LayerSignature(tops: Array([[]].prefix(topCount)), backwardReads: [.bottom(0), .bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  public func forward(_ io: ForwardIO) {
    let (prob, labels) = (io.bottoms[0], io.bottoms[1])
    let classes = prob.shape.count(from: 1)
    var sum: Float = 0
    for item in 0..<labels.count {
      guard let own = ownClass(labels[item], classes, title, io.faults) else { continue }
      sum -= logarithm(max(prob[item * classes + own], smallestProbability))
    }
    io.tops.first?[0] = sum / Float(max(1, labels.count))
  }

  /// dp[label] = −dloss / (N · p[label]), 0 elsewhere.
  public func backward(_ io: BackwardIO) {
    guard let dp = io.bottomDiffs[0] else { return }
    let (prob, labels) = (io.bottoms[0], io.bottoms[1])
    let classes = dp.shape.count(from: 1)
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, labels.count))
    dp.fill(0)
    for item in 0..<labels.count {
      guard let own = wholeNumber(labels[item], below: classes) else { continue }
      dp[item * classes + own] = -factor / max(prob[item * classes + own], smallestProbability)
    }
  }
}
