import CaffeCore
import CaffeFormat

/// Which files a LevelDB database consists of, from its manifest.
struct LevelDBManifest {
  /// A table's number, and its first key with the eight bytes that LevelDB puts behind it.
  struct Table {
    let number: UInt64
    let smallest: [UInt8]
  }

  private static let comparator = "leveldb.BytewiseComparator"
  /// As many levels as LevelDB has.
  private static let levels = 7

  /// The tables of each level; those of level 0 may overlap each other.
  private(set) var tables: [[UInt64: Table]] = Array(repeating: [:], count: levels)
  /// Logs from this number on hold entries that are in no table.
  private(set) var firstLog: UInt64 = 0
  /// One more log of that kind.
  private(set) var previousLog: UInt64 = 0

  /// - Parameter folder: the database's directory.
  /// - Throws: `DatabaseError` when the files cannot be read or are damaged.
  init(folder: String) throws(DatabaseError) {
    let pointer = folder + "/CURRENT"
    let name = String(
      decoding: try LevelDBSnapshot.reading(pointer) { () throws(FileError) in
        try FileBytes.read(pointer, limit: 4096)
      }, as: UTF8.self)
    guard name.hasPrefix("MANIFEST-"), name.hasSuffix("\n"), !name.contains("/") else {
      throw DatabaseError(path: pointer, "it does not name a manifest; it is damaged")
    }
    let path = "\(folder)/\(name.dropLast())"
    var log = LevelDBLog(try LevelDBSnapshot.map(path))
    while let record = try log.next() {
      guard record.withUnsafeBytes({ apply(ByteCursor($0)) }) else {
        throw DatabaseError(
          path: path, "it holds a change that cannot be read; it is damaged, or made with a comparator of its own")
      }
    }
  }

  /// Applies the fields of one change; false when it is damaged.
  private mutating func apply(_ change: ByteCursor) -> Bool {
    var change = change
    while !change.isAtEnd {
      guard let tag = change.varint() else { return false }
      let isRead: Bool =
        switch tag {
        case 1: change.run().map { $0.elementsEqual(LevelDBManifest.comparator.utf8) } ?? false
        case 2: read(change.varint(), into: &firstLog)
        case 3, 4: change.varint() != nil
        case 5: change.varint() != nil && change.run() != nil
        case 6: removeTable(&change)
        case 7: addTable(&change)
        case 9: read(change.varint(), into: &previousLog)
        default: false
        }
      guard isRead else { return false }
    }
    return true
  }

  private func read(_ number: UInt64?, into target: inout UInt64) -> Bool {
    guard let number else { return false }
    target = number
    return true
  }

  private mutating func removeTable(_ change: inout ByteCursor) -> Bool {
    guard let level = change.size(), let number = change.varint(), tables.indices.contains(level) else { return false }
    tables[level][number] = nil
    return true
  }

  private mutating func addTable(_ change: inout ByteCursor) -> Bool {
    guard let level = change.size(), let number = change.varint(), change.varint() != nil, let smallest = change.run(),
      change.run() != nil, tables.indices.contains(level), smallest.count >= LevelDBKey.suffix
    else { return false }
    tables[level][number] = Table(number: number, smallest: Array(smallest))
    return true
  }
}
