import CaffeCore
import CaffeFormat

/// The entries that are in logs and in no table yet, in the order of their keys.
final class LevelDBMemory: Sendable {
  /// A record of a log, kept for the entries in it.
  private final class Changes: Sendable {
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }
  }

  private let entries: [LevelDBEntry]

  /// - Parameter logs: their paths, oldest first.
  /// - Throws: `DatabaseError` when one cannot be read or is damaged.
  init(logs: [String]) throws(DatabaseError) {
    var entries: [LevelDBEntry] = []
    for path in logs {
      var log = LevelDBLog(try LevelDBSnapshot.map(path))
      while let record = try log.next() {
        let changes = Changes(record)
        let isRead = changes.bytes.withUnsafeBytes { LevelDBMemory.read(ByteCursor($0), of: changes, into: &entries) }
        guard isRead else { throw DatabaseError(path: path, "it holds entries that cannot be read; make the database again") }
      }
    }
    entries.sort { LevelDBKey.precedes($0.key, $1.key) }
    self.entries = entries
  }

  /// The entries of one record: the first change's number, how many there are, then each with its kind.
  private static func read(_ bytes: ByteCursor, of changes: Changes, into entries: inout [LevelDBEntry]) -> Bool {
    var bytes = bytes
    guard let first: UInt64 = bytes.fixed(), let count: UInt32 = bytes.fixed() else { return false }
    for number in 0..<UInt64(count) {
      guard let kind: UInt8 = bytes.fixed(), kind <= 1, let key = bytes.run(),
        LevelDBKey.sizes.contains(key.count + LevelDBKey.suffix),
        let value = kind == 1 ? bytes.run() : .some(.init(start: nil, count: 0))
      else { return false }
      entries.append(
        LevelDBEntry(key: LevelDBKey.make(key, change: first &+ number, kind: kind), value: value, owner: changes))
    }
    return bytes.isAtEnd
  }

  var isEmpty: Bool { entries.isEmpty }

  struct Run: LevelDBRun {
    private let memory: LevelDBMemory
    private var place = 0

    init(_ memory: LevelDBMemory) { self.memory = memory }

    mutating func next() -> LevelDBEntry? {
      guard place < memory.entries.count else { return nil }
      place += 1
      return memory.entries[place - 1]
    }
  }
}
