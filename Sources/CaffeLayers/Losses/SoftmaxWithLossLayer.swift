import CaffeCore
import CaffeFormat
import CaffeGraph

/// The multinomial logistic loss of the softmax of the scores: −Σ log p[label], divided as `loss_param` says.
///
/// log stops at the smallest normal float, so one item costs at most 87.3365.
///
/// ```prototxt
/// # score: 2x5x4x4
/// # label: 2x4x4 labels 5
/// layer {
///   name: "loss" type: "SoftmaxWithLoss" bottom: "score" bottom: "label" top: "loss"
///   loss_param { ignore_label: 0 normalization: VALID }
/// }
/// ```
///
/// - Dialect: with SegNet's `weight_by_label_freqs: true` each item counts as `class_weighting` says of its label's class; the
///   divisor stays the same.
/// - Difference: a label that names no class ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct SoftmaxWithLossLayer: Layer {
  public static let type = "SoftmaxWithLoss"
  public static let bottoms = 2...2
  public static let tops = 0...2
  public static let role = LayerRole.loss
  let axis: Int
  private let loss: LossParameter
  private let title: String
  private let topCount: Int
  /// Of each class; empty where all count alike.
  private let classWeights: [Float]

  public init(_ parameters: SoftmaxParameters, in context: LayerContext) throws(LayerError) {
    let weighted = context.definition.loss
    guard weighted.weightByLabelFreqs || weighted.classWeighting.isEmpty else {
      throw LayerError("class_weighting goes with weight_by_label_freqs: true", field: "class_weighting")
    }
    classWeights = weighted.classWeighting
    axis = parameters.axis
    loss = context.definition.loss
    title = context.definition.title
    topCount = context.topCount
  }

  /// Scores …×C×…, labels: as many as there are score lines. Tops: loss (), optionally the probabilities.
  /// Saved: the probabilities.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: axis)
    let lines = bottoms[0].count(0..<axis) * bottoms[0].count(from: axis + 1)
    guard lines == bottoms[1].count else {
      throw ShapeError("\(lines) score vectors along axis \(axis) need \(lines) labels, there are \(bottoms[1].count)")
    }
    guard classWeights.isEmpty || classWeights.count == bottoms[0][axis] else {
      throw ShapeError("\(bottoms[0][axis]) classes need as many class_weighting, \(classWeights.count) given")
    }
    let tops: [Shape] = [[], bottoms[0]]
    return LayerSignature(tops: Array(tops.prefix(topCount)), saved: [bottoms[0]], backwardReads: [.bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  public func forward(_ io: ForwardIO) {
    let (scores, labels, prob) = (io.bottoms[0], io.bottoms[1], io.saved[0])
    guard let lines = AxisLines(scores.shape, axis: axis) else { return }
    softmax(scores, into: prob, lines)
    var sum: Float = 0
    eachLabel(labels, lines) { _, label, line in
      guard (0..<lines.extent).contains(label) else {
        return io.faults.report("\(title): label \(label) names none of the \(lines.extent) classes (0 to \(lines.extent - 1))")
      }
      sum -= weight(label) * logarithm(max(prob[line + label * lines.inner], Float.leastNormalMagnitude))
    }
    if let top = io.tops.first { top[0] = sum / divisor(labels, lines) }
    if io.tops.count > 1 { io.tops[1].copy(from: prob) }
  }

  private func weight(_ label: Int) -> Float { classWeights.indices.contains(label) ? classWeights[label] : 1 }

  /// dx = (p − 1[label]) · weight[label] · dloss / divisor; 0 where the label is ignored.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0], let lines = AxisLines(dx.shape, axis: axis) else { return }
    let (labels, prob) = (io.bottoms[1], io.saved[0])
    let share = (io.topDiffs.first?[0] ?? 0) / divisor(labels, lines)
    dx.fill(0)
    eachLabel(labels, lines) { _, label, line in
      let factor = share * weight(label)
      for c in 0..<lines.extent { dx[line + c * lines.inner] = prob[line + c * lines.inner] * factor }
      if (0..<lines.extent).contains(label) { dx[line + label * lines.inner] -= factor }
    }
  }

  /// Calls `body` with the index of each label that is not ignored, the label, and the start of its line.
  func eachLabel(_ labels: TensorView, _ lines: AxisLines, _ body: (_ index: Int, _ label: Int, _ line: Int) -> Void) {
    for index in 0..<labels.count {
      let label = Int(exactly: labels[index].rounded(.towardZero)) ?? -1
      if label == loss.ignoreLabel { continue }
      body(index, label, index / lines.inner * lines.extent * lines.inner + index % lines.inner)
    }
  }

  private func divisor(_ labels: TensorView, _ lines: AxisLines) -> Float {
    var valid = 0
    eachLabel(labels, lines) { _, _, _ in valid += 1 }
    return loss.mode().divisor(valid: valid, outer: lines.outer, inner: lines.inner, preFixed: loss.preFixedNormalizer)
  }
}
