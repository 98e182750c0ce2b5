/// Gathers what DetectionEvaluate layers say over the batches of a test: average precision of each class, and their mean.
///
/// A mean over batches would be another number: all detections of a class are ranked together.
struct DetectionScore: Sendable, Codable {
  /// The layer whose tops are gathered.
  static let layerType = "DetectionEvaluate"
  /// Numbers in a row.
  private static let columns = 5

  private struct Detection: Codable {
    let score: Float
    let isRight: Bool
  }

  /// How many there are to find, by class.
  private var truths: [Int: Int] = [:]
  private var detections: [Int: [Detection]] = [:]

  /// Takes the rows of a batch: (−1, class, number there are, −1, −1) or (image, class, score, right, wrong).
  ///
  /// Detections that are neither right nor wrong do not count.
  init(_ rows: [Float]) {
    for start in stride(from: 0, to: rows.count - DetectionScore.columns + 1, by: DetectionScore.columns) {
      let label = Int(exactly: rows[start + 1].rounded()) ?? -1
      if rows[start] == -1 {
        truths[label, default: 0] += Int(exactly: rows[start + 2].rounded()) ?? 0
      } else if rows[start + 3] != 0 || rows[start + 4] != 0 {
        detections[label, default: []].append(Detection(score: rows[start + 2], isRight: rows[start + 3] != 0))
      }
    }
  }

  /// Takes what another batch has as well.
  mutating func add(_ other: DetectionScore) {
    truths.merge(other.truths, uniquingKeysWith: +)
    detections.merge(other.detections, uniquingKeysWith: +)
  }

  /// Average precision by class, in the order of the classes that are evaluated.
  func classes(_ version: AveragePrecision) -> [(label: Int, value: Float)] {
    truths.keys.sorted().map { label in
      let found = detections[label] ?? []
      // Equal scores stay in the order of the batches.
      let order = found.indices.sorted { (found[$1].score, $0) < (found[$0].score, $1) }
      return (label, version(order.map { found[$0].isRight }, truths: truths[label] ?? 0))
    }
  }

  /// The mean over the classes, those without anything to find or to show included, as in SSD; 0 without classes.
  func mean(_ version: AveragePrecision) -> Float {
    let values = classes(version).map(\.value)
    return values.isEmpty ? 0 : values.reduce(0, +) / Float(values.count)
  }
}
