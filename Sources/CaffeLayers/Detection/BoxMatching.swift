/// Which ground truth each box stands for, as SSD matches them.
struct BoxMatching: Sendable {
  /// Per box: the place of its ground truth, `none`, or `ignored`.
  var matches: [Int]
  /// Per box: its overlap with its ground truth, or the largest overlap with any.
  var overlaps: [Float]

  /// The box stands for nothing.
  static let none = -1
  /// The box takes no part.
  static let ignored = -2
  /// Boxes that overlap less than this do not overlap at all.
  private static let leastOverlap: Float = 1e-6

  /// A matching of nothing.
  init(count: Int) {
    matches = [Int](repeating: BoxMatching.none, count: count)
    overlaps = [Float](repeating: 0, count: count)
  }

  /// First pairs each ground truth with one box: of all pairs that are left, the one that overlaps most; among equal
  /// ones that of the first box, then that of the first ground truth. Then, where a threshold is given, each box that is
  /// left gets the ground truth it overlaps most, if by that much at least.
  ///
  /// - Parameters:
  ///   - truths: places and boxes of the ground truth.
  ///   - threshold: nil for pairs alone.
  ///   - ignoresCrossing: leaves boxes out that reach beyond the picture.
  init(_ boxes: [Box], to truths: [(place: Int, box: Box)], threshold: Float?, ignoresCrossing: Bool) {
    self.init(count: boxes.count)
    guard !truths.isEmpty else { return }
    var pairs: [Pair] = []
    for (index, box) in boxes.enumerated() {
      if ignoresCrossing, any(box.outside) {
        matches[index] = BoxMatching.ignored
        continue
      }
      for (place, truth) in truths.enumerated() {
        let overlap = box.overlap(truth.box)
        guard overlap > BoxMatching.leastOverlap else { continue }
        overlaps[index] = max(overlaps[index], overlap)
        pairs.append(Pair(box: index, truth: place, overlap: overlap))
      }
    }
    pairOff(pairs, truths.map(\.place))
    if let threshold { matchRest(pairs, truths.map(\.place), threshold) }
  }

  private struct Pair {
    let box: Int
    let truth: Int
    let overlap: Float
  }

  private mutating func pairOff(_ pairs: [Pair], _ places: [Int]) {
    var isTaken = [Bool](repeating: false, count: places.count)
    // The pairs come by box, then by ground truth: their indices break ties.
    for index in ranking(of: pairs.map(\.overlap)) {
      let pair = pairs[index]
      guard !isTaken[pair.truth], matches[pair.box] == BoxMatching.none else { continue }
      isTaken[pair.truth] = true
      matches[pair.box] = places[pair.truth]
      overlaps[pair.box] = pair.overlap
    }
  }

  private mutating func matchRest(_ pairs: [Pair], _ places: [Int], _ threshold: Float) {
    var best: [Int: Float] = [:]
    let isOpen = matches.map { $0 == BoxMatching.none }
    for pair in pairs where isOpen[pair.box] && pair.overlap >= threshold && pair.overlap > best[pair.box] ?? -1 {
      best[pair.box] = pair.overlap
      matches[pair.box] = places[pair.truth]
      overlaps[pair.box] = pair.overlap
    }
  }
}
