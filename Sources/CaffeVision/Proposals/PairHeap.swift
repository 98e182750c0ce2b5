/// Pairs of regions, the most alike on top; of equals the one with the lower numbers.
struct PairHeap: Sendable {
  struct Entry: Sendable {
    let similarity: Float
    let pair: RegionPair

    func precedes(_ other: Entry) -> Bool {
      if similarity != other.similarity { return similarity > other.similarity }
      if pair.first != other.pair.first { return pair.first < other.pair.first }
      return pair.second < other.pair.second
    }
  }

  private var entries: [Entry] = []

  var count: Int { entries.count }

  init(_ entries: [Entry]) {
    self.entries = entries
    order()
  }

  /// Leaves pairs out, without regard to their order.
  mutating func removeAll(where isUnwanted: (RegionPair) -> Bool) {
    entries.removeAll { isUnwanted($0.pair) }
    order()
  }

  private mutating func order() {
    for place in (0..<entries.count / 2).reversed() { sink(place) }
  }

  mutating func push(_ entry: Entry) {
    entries.append(entry)
    var place = entries.count - 1
    while place > 0, entries[place].precedes(entries[(place - 1) / 2]) {
      entries.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func pop() -> Entry? {
    guard let top = entries.first else { return nil }
    let last = entries.removeLast()
    guard !entries.isEmpty else { return top }
    entries[0] = last
    sink(0)
    return top
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var best = place
      for child in 2 * place + 1...2 * place + 2 where child < entries.count && entries[child].precedes(entries[best]) {
        best = child
      }
      guard best != place else { return }
      entries.swapAt(place, best)
      place = best
    }
  }
}
