/// A key as LevelDB stores it: the caller's, then eight bytes with the number of the change and whether it removes.
enum LevelDBKey {
  /// Bytes behind the caller's key.
  static let suffix = 8
  /// What a key may be long: its end, and 64 KiB of a name, which is far beyond what anybody uses.
  static let sizes = suffix...suffix + (1 << 16)

  /// The caller's key.
  static func user(_ key: [UInt8]) -> ArraySlice<UInt8> { key.dropLast(suffix) }

  /// Whether the entry says that the key is gone.
  static func isRemoval(_ key: [UInt8]) -> Bool { mark(key) & 0xFF == 0 }

  /// Whether the first comes before the second: keys rise, and of one key the newest change comes first.
  static func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    let (first, second) = (user(left), user(right))
    return first == second ? mark(left) > mark(right) : first.lexicographicallyPrecedes(second)
  }

  /// A key with its change's number and kind.
  static func make(_ user: UnsafeRawBufferPointer, change: UInt64, kind: UInt8) -> [UInt8] {
    let mark = change << 8 | UInt64(kind)
    return Array(user) + (0..<UInt64(suffix)).map { UInt8(truncatingIfNeeded: mark >> (8 * $0)) }
  }

  private static func mark(_ key: [UInt8]) -> UInt64 { key.suffix(suffix).reversed().reduce(0) { $0 << 8 | UInt64($1) } }
}

/// An entry where it lies.
// As DatabaseRecord: the memory is never written, and `owner` keeps it.
struct LevelDBEntry: @unchecked Sendable {
  /// With the eight bytes behind it.
  let key: [UInt8]
  let value: UnsafeRawBufferPointer
  let owner: AnyObject & Sendable
}

/// Entries in the order of their keys: a table, tables one after the other, or what a log holds.
protocol LevelDBRun: Sendable {
  /// The next entry; nil after the last.
  mutating func next() throws(DatabaseError) -> LevelDBEntry?
}
