/// The candidate that was probably meant, for "did you mean".
///
/// - Returns: the nearest by the number of letters to change, add, drop or swap with their neighbour, or nil when nothing
///   is within a third of the word's length.
public func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  let limit = max(1, word.count / 3)
  guard word.utf8.count <= 128 else { return nil }
  let scored = candidates.filter { abs($0.utf8.count - word.utf8.count) <= limit }
    .map { (name: $0, distance: editDistance(word.lowercased(), $0.lowercased())) }
  return scored.filter { $0.distance <= limit }.min { ($0.distance, $0.name) < ($1.distance, $1.name) }?.name
}

private func editDistance(_ a: String, _ b: String) -> Int {
  let a = Array(a.utf8)
  let b = Array(b.utf8)
  var older: [Int] = []
  var old = Array(0...b.count)
  for i in a.indices {
    var row = [i + 1]
    for j in b.indices {
      var cost = a[i] == b[j] ? old[j] : 1 + min(old[j], row[j], old[j + 1])
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, older[j - 1] + 1) }
      row.append(cost)
    }
    (older, old) = (old, row)
  }
  return old[b.count]
}
