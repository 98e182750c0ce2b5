/// The candidate that was probably meant, for "did you mean".
///
/// - Returns: the nearest by Levenshtein distance, or nil when nothing is within a third of the word's length.
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
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let cost = a[i] == b[j] ? diagonal : 1 + min(diagonal, row[j], row[j + 1])
      diagonal = row[j + 1]
      row[j + 1] = cost
    }
  }
  return row[b.count]
}
