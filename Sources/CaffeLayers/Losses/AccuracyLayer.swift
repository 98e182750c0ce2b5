import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `accuracy_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct AccuracyParameters: LayerParameters {
  /// How many of the highest scores the label may be among.
  public var topK = 1
  /// The axis of the classes.
  public var axis = 1
  /// Items with this label do not count.
  public var ignoreLabel: Int?
  public init() {}
  public static let messageName = "AccuracyParameter"
  public static let fields: [Field<AccuracyParameters>] = [
    Field("top_k", 1, \.topK, as: .uint32), Field("axis", 2, \.axis), Field("ignore_label", 3, \.ignoreLabel),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("accuracy_param", 102, v1: 27, schema)
}

/// The share of items whose label is among the `top_k` highest scores; ties count against the item, as in Caffe.
///
/// ```prototxt
/// # score: 4x5
/// # label: 4 labels 5
/// layer { name: "top2" type: "Accuracy" bottom: "score" bottom: "label" top: "accuracy" accuracy_param { top_k: 2 } }
/// ```
///
/// - Difference: a score of NaN is never correct; in Caffe 1.0 it always is.
/// - Difference: a label that names no class ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct AccuracyLayer: Layer {
  public static let type = "Accuracy"
  public static let bottoms = 2...2
  public static let tops = 1...2
  private let parameters: AccuracyParameters
  private let title: String
  private let topCount: Int

  public init(_ parameters: AccuracyParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.topK > 0 else { throw LayerError("top_k must be at least 1", field: "top_k") }
    self.parameters = parameters
    title = context.definition.title
    topCount = context.topCount
  }

  /// Scores …×C×…, labels: as many as there are score lines. Tops: accuracy (), optionally one per class (C).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let lines = bottoms[0].count(0..<axis) * bottoms[0].count(from: axis + 1)
    guard lines == bottoms[1].count else {
      throw ShapeError("\(lines) score vectors along axis \(axis) need \(lines) labels, there are \(bottoms[1].count)")
    }
    guard parameters.topK <= bottoms[0].count / max(1, lines) else {
      throw ShapeError("top_k \(parameters.topK) is more than the \(bottoms[0].count / max(1, lines)) classes")
    }
    let tops: [Shape] = [[], [bottoms[0][axis]]]
    return LayerSignature(tops: Array(tops.prefix(topCount)), scratch: [[bottoms[0][axis]], [bottoms[0][axis]]])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    let (scores, labels, correct, total) = (io.bottoms[0], io.bottoms[1], io.scratch[0], io.scratch[1])
    guard let lines = AxisLines(scores.shape, axis: parameters.axis) else { return }
    correct.fill(0)
    total.fill(0)
    for index in 0..<labels.count {
      let label = Int(exactly: labels[index].rounded(.towardZero)) ?? -1
      if label == parameters.ignoreLabel { continue }
      guard (0..<lines.extent).contains(label) else {
        io.faults.report("\(title): label \(label) names none of the \(lines.extent) classes (0 to \(lines.extent - 1))")
        continue
      }
      let start = index / lines.inner * lines.extent * lines.inner + index % lines.inner
      total[label] += 1
      if isAmongBest(scores, start, label, lines) { correct[label] += 1 }
    }
    report(correct, total, io.tops)
  }

  private func isAmongBest(_ scores: TensorView, _ start: Int, _ label: Int, _ lines: AxisLines) -> Bool {
    let own = scores[start + label * lines.inner]
    let atLeast = (0..<lines.extent).count { scores[start + $0 * lines.inner] >= own }
    return !own.isNaN && atLeast <= parameters.topK
  }

  private func report(_ correct: TensorView, _ total: TensorView, _ tops: [TensorView]) {
    let classes = 0..<correct.count
    let all = classes.reduce(Float(0)) { $0 + total[$1] }
    tops[0][0] = all == 0 ? 0 : classes.reduce(Float(0)) { $0 + correct[$1] } / all
    if tops.count > 1 { for c in classes { tops[1][c] = total[c] == 0 ? 0 : correct[c] / total[c] } }
  }
}
