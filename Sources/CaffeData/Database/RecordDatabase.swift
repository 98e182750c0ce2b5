/// A database of records in the order of their keys, open for reading: its state at the time of opening.
package protocol RecordDatabase: AnyObject, Sendable {
  /// The database's directory.
  var path: String { get }
  /// The number of records, where the database keeps it; nil where only a pass through all of them tells.
  var knownCount: Int? { get }
  /// A walk that begins before the first record.
  func makeWalk() -> any RecordWalk
}

/// One pass through a database, from the first key to the last.
package protocol RecordWalk: Sendable {
  /// The next record; nil after the last.
  ///
  /// - Throws: `DatabaseError` when the database is damaged.
  mutating func next() throws(DatabaseError) -> DatabaseRecord?
  /// Goes over the next record without reading its value; false after the last.
  ///
  /// - Throws: `DatabaseError` when the database is damaged.
  mutating func pass() throws(DatabaseError) -> Bool
}

/// A record where it lies: the memory stays as long as this is kept.
// The memory is never written once a record is made of it, and `owner` keeps it.
package struct DatabaseRecord: @unchecked Sendable {
  package let key: [UInt8]
  private let content: UnsafeRawBufferPointer
  private let owner: AnyObject & Sendable

  /// - Parameter owner: keeps the memory of `content`.
  init(key: [UInt8], value content: UnsafeRawBufferPointer, owner: AnyObject & Sendable) {
    self.key = key
    self.content = content
    self.owner = owner
  }

  /// Gives `body` the value, valid until it returns.
  package func withValue<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try withExtendedLifetime(owner) { try body(content) }
  }

  /// The value, copied.
  package var value: [UInt8] { withValue { Array($0) } }
}

extension RecordDatabase {
  /// A cursor before the first record.
  package func makeCursor() -> RecordCursor { RecordCursor(self) }

  /// The number of records, from a pass through all of them where the database does not keep it.
  ///
  /// - Throws: `DatabaseError` when the database is damaged.
  package func countRecords() throws(DatabaseError) -> Int {
    if let knownCount { return knownCount }
    var (walk, count) = (makeWalk(), 0)
    while try walk.pass() { count += 1 }
    return count
  }
}
