import CaffeData
import CaffeLayers

/// Which detections of one class in one picture are right.
struct DetectionMatching {
  enum Verdict { case right, wrong, notCounted }

  /// Whose rule tells which object a detection has found.
  enum Rule {
    /// That which it overlaps most; a second one for the same object is wrong.
    case voc
    /// That which it overlaps most among those not found yet.
    case coco
  }

  private let overlaps: [[Float]]
  private let difficult: [Bool]

  /// - Parameter detections: the best first.
  init(_ detections: [PictureWindow], _ truths: [ObjectTruth]) {
    let boxes = truths.map(\.window.box)
    overlaps = detections.map { window in boxes.map { window.box.overlap($0) } }
    difficult = truths.map(\.isDifficult)
  }

  /// A verdict for each detection.
  func verdicts(_ rule: Rule, threshold: Float) -> [Verdict] {
    var isFound = [Bool](repeating: false, count: difficult.count)
    return overlaps.map { overlaps in
      guard let truth = best(overlaps, rule, threshold, isFound) else { return .wrong }
      defer { isFound[truth] = true }
      if difficult[truth] { return .notCounted }
      return isFound[truth] ? .wrong : .right
    }
  }

  /// The object that a detection has found; of equal overlaps VOC takes the first, COCO the last.
  private func best(_ overlaps: [Float], _ rule: Rule, _ threshold: Float, _ isFound: [Bool]) -> Int? {
    var candidates = overlaps.indices.filter { overlaps[$0] >= threshold && !(rule == .coco && isFound[$0]) }
    // COCO lets an object that does not count wait until no other one is left.
    if rule == .coco, candidates.contains(where: { !difficult[$0] }) { candidates.removeAll { difficult[$0] } }
    return rule == .coco
      ? candidates.max { (overlaps[$0], $0) < (overlaps[$1], $1) } : candidates.max { (overlaps[$0], $1) < (overlaps[$1], $0) }
  }
}
