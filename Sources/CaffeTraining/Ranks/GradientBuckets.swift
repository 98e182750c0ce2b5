import CaffePlan

/// Stretches of a net's gradients that travel together: neighbours in memory that backward finishes one after the other.
struct GradientBuckets {
  /// One stretch.
  struct Bucket {
    /// The gradients, what pads between them included.
    let values: UnsafeMutableBufferPointer<Float>
    /// The graph's parameters that lie in it.
    let parameters: [Int]
  }

  /// Bytes after which a bucket is full: large enough for a network's full speed, small enough to leave early.
  static let usualBytes = 4 << 20

  /// In the order in which they become complete.
  let all: [Bucket]
  /// The bucket of each parameter.
  let place: [Int: Int]

  /// - Parameters:
  ///   - trained: the parameters with gradients.
  ///   - order: the parameters in the order in which backward finishes their gradients.
  init(_ trained: [ResidentWeights.Trained], order: [Int], bytes: Int = GradientBuckets.usualBytes) {
    let diffs = Dictionary(trained.map { ($0.parameter, $0.diff) }) { first, _ in first }
    var open: (region: Region, parameters: [Int])?
    var all: [Bucket] = []
    for parameter in order {
      guard let region = diffs[parameter].flatMap(Region.init) else { continue }
      if let bucket = open, let joined = bucket.region.joined(region), joined.byteCount <= bytes {
        open = (joined, bucket.parameters + [parameter])
      } else {
        if let bucket = open { all.append(Bucket(values: bucket.region.values, parameters: bucket.parameters)) }
        open = (region, [parameter])
      }
    }
    if let bucket = open { all.append(Bucket(values: bucket.region.values, parameters: bucket.parameters)) }
    self.all = all
    place = Dictionary(uniqueKeysWithValues: all.enumerated().flatMap { index, item in item.parameters.map { ($0, index) } })
  }

  /// Floats in all buckets.
  var count: Int { all.reduce(0) { $0 + $1.values.count } }
}

/// Memory from one address to another.
private struct Region {
  /// Gradients begin at multiples of this; what lies between two belongs to both.
  private static let alignment = 64
  let start, end: UnsafeMutablePointer<Float>

  private init(start: UnsafeMutablePointer<Float>, end: UnsafeMutablePointer<Float>) { (self.start, self.end) = (start, end) }

  init?(_ values: UnsafeMutableBufferPointer<Float>) {
    guard let base = values.baseAddress, !values.isEmpty else { return nil }
    self.init(start: base, end: base + values.count)
  }

  var values: UnsafeMutableBufferPointer<Float> { UnsafeMutableBufferPointer(start: start, count: end - start) }
  var byteCount: Int { values.count * MemoryLayout<Float>.stride }

  /// Both as one, where nothing else lies between them.
  func joined(_ other: Region) -> Region? {
    let (low, high) = start < other.start ? (self, other) : (other, self)
    let gap = (high.start - low.end) * MemoryLayout<Float>.stride
    return (0..<Region.alignment).contains(gap) ? Region(start: low.start, end: high.end) : nil
  }
}
