import CaffeCore

/// Puts the boxes of several groupings in one order: large ones tend to come first, and each grouping has its turn.
enum ProposalRanking {
  /// Boxes by priority, each once.
  ///
  /// A box's priority is its place counted from the last region its grouping made, times a random number below 1; the lowest
  /// goes first, and of equals the one of the earlier grouping and place.
  static func ranked(_ groupings: [[RegionBox]], seed: UInt64) -> [RegionBox] {
    var ranked: [(priority: Double, box: RegionBox)] = []
    for (run, boxes) in groupings.enumerated() {
      let random = RandomStream(seed: seed, path: UInt64(run))
      for (place, box) in boxes.enumerated() {
        let fromLast = boxes.count - place
        ranked.append((Double(fromLast) * Double(random.uniform(fromLast)), box))
      }
    }
    let order = ranked.indices.sorted { (ranked[$0].priority, $0) < (ranked[$1].priority, $1) }
    var seen: Set<RegionBox> = []
    return order.compactMap { seen.insert(ranked[$0].box).inserted ? ranked[$0].box : nil }
  }
}
