/// A plane of numbers, row after row.
struct FloatPlane<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  let width: Int
  let height: Int
  private(set) var values: [Scalar]

  init(_ bytes: [UInt8], width: Int, height: Int) {
    self.width = width
    self.height = height
    values = bytes.map { Scalar($0) }
  }

  /// The plane, each row filtered with `rows` and each column of the result with `columns` (weights in odd number).
  ///
  /// Beyond its edges the plane is mirrored about its outermost pixels.
  func filtered(rows: [Double], columns: [Double]) -> FloatPlane {
    var result = self
    result.filterRows(rows.map { Scalar($0) })
    result.filterColumns(columns.map { Scalar($0) })
    return result
  }

  private mutating func filterRows(_ weights: [Scalar]) {
    let (width, height) = (self.width, self.height)
    let radius = weights.count / 2
    let sources = (-radius..<width + radius).map { FloatPlane.mirrored($0, width) }
    let starts = Array(weights.indices)
    var padded = [Scalar](repeating: 0, count: sources.count)
    values.withUnsafeMutableBufferPointer { values in
      padded.withUnsafeMutableBufferPointer { padded in
        for y in 0..<height {
          let row = UnsafeMutableBufferPointer(rebasing: values[y * width..<(y + 1) * width])
          for x in 0..<padded.count { padded[x] = row[sources[x]] }
          FloatPlane.add(UnsafeBufferPointer(padded), from: starts, times: weights, into: row)
        }
      }
    }
  }

  private mutating func filterColumns(_ weights: [Scalar]) {
    let (width, height) = (self.width, self.height)
    let radius = weights.count / 2
    let source = values
    source.withUnsafeBufferPointer { source in
      values.withUnsafeMutableBufferPointer { values in
        for y in 0..<height {
          let row = UnsafeMutableBufferPointer(rebasing: values[y * width..<(y + 1) * width])
          let starts = weights.indices.map { FloatPlane.mirrored(y + $0 - radius, height) * width }
          FloatPlane.add(source, from: starts, times: weights, into: row)
        }
      }
    }
  }

  /// Sets `target` to the sum of stretches of the source that begin at `starts`, each times its weight.
  private static func add(
    _ source: UnsafeBufferPointer<Scalar>, from starts: [Int], times weights: [Scalar],
    into target: UnsafeMutableBufferPointer<Scalar>
  ) {
    target.update(repeating: 0)
    for (start, weight) in zip(starts, weights) where weight != 0 {
      // Slices from 0 on: without sums of indices the loop becomes one of vectors.
      let part = UnsafeBufferPointer(rebasing: source[start..<start + target.count])
      for x in 0..<target.count { target[x] += part[x] * weight }
    }
  }

  /// The place inside 0 ..< `count` that stands for one beyond the edges.
  private static func mirrored(_ place: Int, _ count: Int) -> Int {
    guard count > 1 else { return 0 }
    let period = 2 * (count - 1)
    let inside = ((place % period) + period) % period
    return min(inside, period - inside)
  }
}
