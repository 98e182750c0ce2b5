import CaffeCore

/// A block of a table, unpacked: entries in the order of their keys, each key without the part it shares with the one before.
///
/// The list of the places where a key stands in full, at the end, is for searching and not read here.
final class LevelDBBlock: Sendable {
  /// Unpacked bytes; nil when the block lies in the file as it is.
  private let unpacked: [UInt8]?
  private let table: LevelDBTable
  /// In the file, when it is not packed.
  private let range: Range<Int>
  /// Bytes of entries.
  private let size: Int

  /// Bytes of a block's type and checksum.
  static let trailer = 5

  /// - Throws: `DatabaseError` when the block is damaged.
  init(of table: LevelDBTable, at range: Range<Int>) throws(DatabaseError) {
    self.table = table
    self.range = range
    let stored = table.bytes(range.lowerBound..<range.upperBound + LevelDBBlock.trailer)
    var end = ByteCursor(UnsafeRawBufferPointer(rebasing: stored[range.count...]))
    guard let packing: UInt8 = end.fixed(), let sum: UInt32 = end.fixed(),
      CRC32C.masked(UnsafeRawBufferPointer(rebasing: stored[...range.count])) == sum
    else {
      throw table.damaged("the checksum of the block at byte \(range.lowerBound)")
    }
    switch packing {
    case 0: unpacked = nil
    case 1:
      unpacked = Snappy.unpack(UnsafeRawBufferPointer(rebasing: stored[..<range.count]))
      if unpacked == nil { throw table.damaged("the packed block at byte \(range.lowerBound)") }
    default: throw DatabaseError(path: table.path, "a block is packed in a way (\(packing)) that is not read; only Snappy is")
    }
    let count = unpacked?.count ?? range.count
    let content = unpacked?.suffix(4) ?? Array(stored[..<range.count].suffix(4))[...]
    let restarts = content.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard count >= 4, restarts <= (count - 4) / 4 else { throw table.damaged("the end of the block at byte \(range.lowerBound)") }
    size = count - 4 - 4 * restarts
  }

  /// The entry at `place`, which moves behind it; `key` is the key before and becomes this one's. Nil at the end.
  ///
  /// The value is valid as long as this object.
  func next(_ place: inout Int, _ key: inout [UInt8]) throws(DatabaseError) -> UnsafeRawBufferPointer? {
    guard place < size else { return nil }
    guard let value = withEntries({ LevelDBBlock.read($0, &place, &key) }) else {
      throw table.damaged("an entry of the block at byte \(range.lowerBound)")
    }
    return value
  }

  private static func read(_ entries: UnsafeRawBufferPointer, _ place: inout Int, _ key: inout [UInt8]) -> UnsafeRawBufferPointer?
  {
    var cursor = ByteCursor(UnsafeRawBufferPointer(rebasing: entries[place...]))
    guard let shared = cursor.size(), let own = cursor.size(), let size = cursor.size(), shared <= key.count,
      let rest = cursor.take(own), let value = cursor.take(size), LevelDBKey.sizes.contains(shared + own)
    else { return nil }
    key.removeLast(key.count - shared)
    key.append(contentsOf: rest)
    place += cursor.position
    return value
  }

  /// The memory lies still as long as this object: an array that nobody changes, or the mapped file.
  private func withEntries<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    guard let unpacked else { return body(table.bytes(range.lowerBound..<range.lowerBound + size)) }
    return unpacked.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
  }
}
