import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `detection_evaluate_param`, by their prototxt names; defaults are those of SSD.
public struct DetectionEvaluateParameters: LayerParameters {
  /// Classes, the background among them.
  public var numClasses = 0
  /// The class that is no object; −1 where there is none.
  public var backgroundLabelId = 0
  /// From this overlap on a detection has found a box.
  public var overlapThreshold: Float = 0.5
  /// Whether boxes that are marked as difficult count.
  public var evaluateDifficultGt = true
  /// Read and not acted upon: overlaps are those of boxes as shares of the image.
  public var nameSizeFile: String?
  /// Read and not acted upon.
  public var resizeParam: ResizeParameter?
  public init() {}
  public static let messageName = "DetectionEvaluateParameter"
  public static let fields: [Field<DetectionEvaluateParameters>] = [
    Field("num_classes", 1, \.numClasses, as: .uint32), Field("background_label_id", 2, \.backgroundLabelId),
    Field("overlap_threshold", 3, \.overlapThreshold), Field("evaluate_difficult_gt", 4, \.evaluateDifficultGt),
    Field("name_size_file", 5, \.nameSizeFile), Field("resize_param", 6, \.resizeParam),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("detection_evaluate_param", 205, schema)
}

/// Compares what a net has found with what is there: the numbers that average precision is made of. Liu et al., ECCV 2016.
///
/// The top begins with one row for each class of objects: −1, class, number of boxes there are, −1, −1. Then each
/// detection has a row: image, class, score, 1 if it is right, 1 if it is wrong. By descending score, a detection is right
/// when it overlaps some box of its class in its image by `overlap_threshold` at least, and the one it overlaps most was
/// not found before; a detection of a difficult box that does not count is neither.
///
/// ```prototxt
/// # detections: 1x1x4x7 labels 2
/// # truth: 1x1x3x8 labels 2
/// layer {
///   name: "evaluation" type: "DetectionEvaluate" bottom: "detections" bottom: "truth" top: "evaluation"
///   detection_evaluate_param { num_classes: 3 background_label_id: 2 evaluate_difficult_gt: false }
/// }
/// ```
///
/// - Difference: SSD computes overlaps in whole pixels of the original images when `name_size_file` lists their sizes; here they
///   are always those of boxes as shares of the image, and `name_size_file` and `resize_param` are not acted upon.
/// - Dialect: SSD and the forks that took it over agree.
public struct DetectionEvaluateLayer: Layer {
  public static let type = "DetectionEvaluate"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let parameters: DetectionEvaluateParameters
  private let title: String

  public init(_ parameters: DetectionEvaluateParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.numClasses > 0 else { throw LayerError("num_classes must be at least 1", field: "num_classes") }
    guard parameters.overlapThreshold > 0 else {
      throw LayerError("overlap_threshold must be above 0", field: "overlap_threshold")
    }
    self.parameters = parameters
    title = context.definition.title
  }

  /// Detections 1×1×K×7 as DetectionOutput makes them, ground truth 1×1×G×8 with rows item, label, instance, corners,
  /// difficult → 1×1×M×5, M the classes of objects and the detections together. Rows of class −1 and of item −1 are none.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    for (shape, columns) in zip(bottoms, [7, 8]) {
      guard shape.rank == 4, shape[0] == 1, shape[1] == 1, shape[3] == columns else {
        throw ShapeError("needs detections 1x1xKx7 and ground truth 1x1xGx8")
      }
    }
    let isBackgroundIn = (0..<parameters.numClasses).contains(parameters.backgroundLabelId)
    let rows = parameters.numClasses - (isBackgroundIn ? 1 : 0) + bottoms[0][2]
    return LayerSignature(tops: [[1, 1, rows, 5]], varyingTops: [0])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    let truths = GroundTruth.all(
      io.bottoms[1], items: nil, classes: parameters.numClasses, background: parameters.backgroundLabelId, title, io.faults)
    io.tops[0].fill(0)
    var rows = 0
    func write(_ values: Float...) {
      for (column, value) in values.enumerated() { io.tops[0][rows * 5 + column] = value }
      rows += 1
    }
    var counts = [Int](repeating: 0, count: parameters.numClasses)
    for truth in truths where isCounted(truth) { counts[truth.label] += 1 }
    for label in counts.indices where label != parameters.backgroundLabelId {
      write(-1, Float(label), Float(counts[label]), -1, -1)
    }
    for group in groups(io) {
      let own = truths.filter { $0.item == group[0].item && $0.label == group[0].label }
      for (detection, verdict) in judge(group, own) {
        let (isRight, isWrong): (Float, Float) = (verdict == .right ? 1 : 0, verdict == .wrong ? 1 : 0)
        write(Float(detection.item), Float(detection.label), detection.score, isRight, isWrong)
      }
    }
    io.setShape([1, 1, rows, 5], ofTop: 0)
  }

  private struct Detection {
    let item: Int
    let label: Int
    let score: Float
    let box: Box
  }

  private enum Verdict {
    case right
    case wrong
    /// It found what does not count.
    case neither
  }

  private func isCounted(_ truth: GroundTruth) -> Bool { parameters.evaluateDifficultGt || !truth.isDifficult }

  /// The detections by image and class, both ascending.
  private func groups(_ io: ForwardIO) -> [[Detection]] {
    let detections = detections(io.bottoms[0], io.faults)
    let order = detections.indices.sorted {
      let (a, b) = (detections[$0], detections[$1])
      return (a.item, a.label, $0) < (b.item, b.label, $1)
    }
    var groups: [[Detection]] = []
    for detection in order.map({ detections[$0] }) {
      if let last = groups.last?[0], last.item == detection.item, last.label == detection.label {
        groups[groups.count - 1].append(detection)
      } else {
        groups.append([detection])
      }
    }
    return groups
  }

  private func detections(_ blob: TensorView, _ faults: FaultLog) -> [Detection] {
    (0..<blob.count / 7).compactMap { row in
      let values = blob.pointer + 7 * row
      if values[0] == -1 || values[1] == -1 { return nil }
      guard let item = wholeNumber(values[0], below: Int(Int32.max)),
        let label = objectClass(values[1], parameters.numClasses, parameters.backgroundLabelId)
      else {
        faults.report("\(title): detection \(row) is of label \(values[1]) in item \(values[0]): that is no class of objects")
        return nil
      }
      return Detection(item: item, label: label, score: values[2], box: Box(at: values + 3))
    }
  }

  /// What becomes of the detections of one class in one image.
  private func judge(_ detections: [Detection], _ truths: [GroundTruth]) -> [(Detection, Verdict)] {
    guard !truths.isEmpty else { return detections.map { ($0, .wrong) } }
    var isFound = [Bool](repeating: false, count: truths.count)
    // NaN comes last: it is no score at all.
    let order = ranking(of: detections.map { $0.score > -.infinity ? $0.score : -.greatestFiniteMagnitude })
    return order.map { detections[$0] }.map { detection in
      let overlaps = truths.map { detection.box.overlap($0.box) }
      guard let best = ranking(of: overlaps, limit: 1).first, overlaps[best] >= parameters.overlapThreshold else {
        return (detection, .wrong)
      }
      guard isCounted(truths[best]) else { return (detection, .neither) }
      defer { isFound[best] = true }
      return (detection, isFound[best] ? .wrong : .right)
    }
  }
}
