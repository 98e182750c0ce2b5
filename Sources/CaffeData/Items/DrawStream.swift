import CaffeCore

/// The streams of random numbers that data sources draw from.
enum DrawStream {
  static let skip: UInt64 = 1
  static let transform: UInt64 = 2
  static let files: UInt64 = 3
  static let rows: UInt64 = 4
  static let lines: UInt64 = 5
  static let windows: UInt64 = 6
  static let variation: UInt64 = 7

  /// The number of items passed over at the start: below `randSkip`, 0 when that is 0.
  ///
  /// - Throws: `DataSettingsError` when it is negative.
  static func skipped(_ randSkip: Int, seed: UInt64) throws(DataSettingsError) -> Int {
    guard randSkip >= 0 else { throw DataSettingsError("rand_skip is negative") }
    return randSkip > 0 ? RandomStream(seed: seed, path: skip).integer(0, below: randSkip) : 0
  }
}

extension RandomStream {
  /// The numbers below `count` in an order that depends on the stream alone.
  func permutation(of count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(last, below: last + 1)) }
    return order
  }
}
