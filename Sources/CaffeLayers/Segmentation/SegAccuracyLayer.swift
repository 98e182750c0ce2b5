import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `seg_accuracy_param`, by their prototxt names; defaults are those of DeepLab.
public struct SegAccuracyParameters: LayerParameters {
  /// Labels of pixels that do not count.
  public var ignoreLabel: [Int] = []
  /// Whether each pass counts from 0; if not, the counts of all passes so far are added up.
  public var reset = true
  /// Classes with a further top each: precision, recall and intersection over union.
  public var outputLabel: [Int] = []
  public init() {}
  public static let messageName = "SegAccuracyParameter"
  public static let fields: [Field<SegAccuracyParameters>] = [
    Field("ignore_label", 1, \.ignoreLabel), Field("reset", 2, \.reset), Field("output_label", 1003, \.outputLabel),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("seg_accuracy_param", 2148, schema)
}

/// How well pixels are classified: the share of pixels that are right, the mean over the classes of the share of their pixels
/// that are right, and the mean over the classes of intersection over union.
///
/// A pixel's class is the one with the largest score, of equal ones the first; with a single channel it is class 1 where the
/// score is above 0.5, else 0. Classes without any pixel do not count in the second number and count as 1 in the third. A label
/// that is no class ends the pass with an error.
///
/// ```prototxt
/// # x: 2x3x4x5
/// # label: 2x1x4x5 labels 3
/// layer {
///   name: "accuracy" type: "SegAccuracy" bottom: "x" bottom: "label" top: "accuracy"
///   seg_accuracy_param { ignore_label: 255 }
/// }
/// ```
///
/// - Difference: of equal scores the first class is taken, as in PSPNet's fork; in DeepLab's it is the last.
/// - Difference: precision and recall of a class without pixels are 0, where PSPNet's fork gives NaN.
/// - Dialect: DeepLab's layer, with `output_label` from PSPNet's fork, which has number 1003 here; `seg_accuracy_param` is 2148.
public struct SegAccuracyLayer: Layer {
  public static let type = "SegAccuracy"
  public static let bottoms = 2...2
  public static let tops = 1...Int.max
  private let parameters: SegAccuracyParameters
  private let ignored: Set<Int>
  private let title: String

  public init(_ parameters: SegAccuracyParameters, in context: LayerContext) throws(LayerError) {
    let count = parameters.outputLabel.count
    guard context.topCount == count + 1 else {
      throw LayerError("\(count) output_label need \(count + 1) top(s), there are \(context.topCount)", field: "top")
    }
    self.parameters = parameters
    ignored = Set(parameters.ignoreLabel)
    title = context.definition.title
  }

  /// Scores N×C×H×W, N·H·W labels. Tops: the three numbers, and three for each `output_label`, 1×1×1×3 each. State without
  /// `reset`: how often each class was taken for each class.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4, bottoms[0][1] > 0 else {
      throw ShapeError("needs scores with 4 axes (N, C, H, W), found \(bottoms[0])")
    }
    let pixels = bottoms[0][0] * bottoms[0].count(from: 2)
    guard bottoms[1].count == pixels else { throw ShapeError("\(pixels) pixels need \(pixels) labels, found \(bottoms[1])") }
    let classes = classes(bottoms[0])
    if let label = parameters.outputLabel.first(where: { !(0..<classes).contains($0) }) {
      throw ShapeError("output_label \(label) is none of the \(classes) classes (0 to \(classes - 1))")
    }
    let counts = try Shape(validating: [classes, classes])
    let tops = [Shape](repeating: [1, 1, 1, 3], count: parameters.outputLabel.count + 1)
    return LayerSignature(tops: tops, state: parameters.reset ? [] : [counts])
  }

  private func classes(_ scores: Shape) -> Int { max(2, scores[1]) }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    var counts = counts(io).map { Float($0) }
    if let sum = io.state.first {
      for i in counts.indices { sum[i] += counts[i] }
      counts = counts.indices.map { sum[$0] }
    }
    report(Confusion(counts: counts, classes: classes(io.bottoms[0].shape)), io.tops)
  }

  /// How often each class was taken for each class in this pass.
  private func counts(_ io: ForwardIO) -> [Int] {
    let (scores, labels) = (io.bottoms[0], io.bottoms[1])
    let (classes, plane) = (classes(scores.shape), scores.shape.count(from: 2))
    var counts = [Int](repeating: 0, count: classes * classes)
    for pixel in 0..<labels.count {
      if let label = label(labels[pixel]), ignored.contains(label) { continue }
      guard let own = ownClass(labels[pixel], classes, title, io.faults) else { continue }
      let start = pixel / plane * scores.shape[1] * plane + pixel % plane
      counts[own * classes + predicted(scores, start, plane)] += 1
    }
    return counts
  }

  private func predicted(_ scores: TensorView, _ start: Int, _ plane: Int) -> Int {
    guard scores.shape[1] > 1 else { return scores[start] > 0.5 ? 1 : 0 }
    return (1..<scores.shape[1]).reduce(0) { scores[start + $1 * plane] > scores[start + $0 * plane] ? $1 : $0 }
  }

  private func report(_ confusion: Confusion, _ tops: [TensorView]) {
    let classes = 0..<confusion.classes
    let present = classes.filter { confusion.actual($0) > 0 }
    let all = present.reduce(Float(0)) { $0 + confusion.actual($1) }
    tops[0][0] = confusion.share(classes.reduce(Float(0)) { $0 + confusion.right($1) }, of: all)
    tops[0][1] = confusion.share(present.reduce(Float(0)) { $0 + confusion.recall($1) }, of: Float(present.count))
    tops[0][2] = classes.reduce(Float(0)) { $0 + confusion.intersectionOverUnion($1) } / Float(classes.count)
    for (label, top) in zip(parameters.outputLabel, tops.dropFirst()) {
      top[0] = confusion.share(confusion.right(label), of: confusion.taken(label))
      top[1] = confusion.recall(label)
      top[2] = confusion.intersectionOverUnion(label)
    }
  }

  /// How often pixels of each class (rows) were taken for each class (columns).
  private struct Confusion {
    let counts: [Float]
    let classes: Int

    func right(_ label: Int) -> Float { counts[label * classes + label] }
    func actual(_ label: Int) -> Float { (0..<classes).reduce(Float(0)) { $0 + counts[label * classes + $1] } }
    func taken(_ label: Int) -> Float { (0..<classes).reduce(Float(0)) { $0 + counts[$1 * classes + label] } }
    func recall(_ label: Int) -> Float { share(right(label), of: actual(label)) }

    func intersectionOverUnion(_ label: Int) -> Float {
      let union = actual(label) + taken(label) - right(label)
      return union == right(label) ? 1 : right(label) / union
    }

    /// 0 of nothing.
    func share(_ part: Float, of whole: Float) -> Float { whole == 0 ? 0 : part / whole }
  }
}
