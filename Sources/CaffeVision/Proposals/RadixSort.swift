/// Sorting by some of a key's bits, in an order that equal ones keep.
enum RadixSort {
  private static let digitBits = 11
  private static let buckets = 1 << digitBits

  /// Sorts by the `bits` bits from bit `start` on.
  static func sort(_ keys: inout [UInt64], from start: Int, bits: Int) {
    var spare = keys
    for shift in stride(from: start, to: start + bits, by: digitBits) {
      let mask = UInt64(1) << UInt64(min(digitBits, start + bits - shift)) - 1
      if place(keys, into: &spare, shift: UInt64(shift), mask: mask) { swap(&keys, &spare) }
    }
  }

  /// Moves keys to their buckets.
  ///
  /// - Returns: false when all belong to one, and nothing was moved.
  private static func place(_ keys: [UInt64], into target: inout [UInt64], shift: UInt64, mask: UInt64) -> Bool {
    var places = [Int](repeating: 0, count: buckets)
    return places.withUnsafeMutableBufferPointer { places in
      keys.withUnsafeBufferPointer { keys in
        target.withUnsafeMutableBufferPointer { target in
          for key in keys { places[Int(truncatingIfNeeded: (key &>> shift) & mask)] &+= 1 }
          if places.contains(keys.count) { return false }
          var next = 0
          for bucket in places.indices { (places[bucket], next) = (next, next + places[bucket]) }
          for key in keys {
            let bucket = Int(truncatingIfNeeded: (key &>> shift) & mask)
            target[places[bucket]] = key
            places[bucket] &+= 1
          }
          return true
        }
      }
    }
  }
}
