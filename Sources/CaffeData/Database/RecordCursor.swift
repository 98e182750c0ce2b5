/// A place in a database, moving through its records in the order of their keys, round and round.
package struct RecordCursor: Sendable {
  private let database: any RecordDatabase
  private var walk: any RecordWalk
  /// Records of this round that lie behind.
  private var passed = 0
  /// The number of records; nil until it is known.
  package private(set) var count: Int?

  init(_ database: any RecordDatabase) {
    self.database = database
    walk = database.makeWalk()
    count = database.knownCount
  }

  /// The next record; after the last comes the first.
  ///
  /// - Throws: `DatabaseError` when the database is empty or damaged.
  package mutating func next() throws(DatabaseError) -> DatabaseRecord {
    while true {
      if let record = try walk.next() {
        passed += 1
        return record
      }
      _ = try startOver()
    }
  }

  /// Gives `body` the next record's key and value, valid until it returns.
  ///
  /// - Throws: `DatabaseError` when the database is empty or damaged, and what `body` throws.
  package mutating func next<Result>(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let record = try next()
    return try record.key.withUnsafeBytes { key in try record.withValue { try body(key, $0) } }
  }

  /// Goes over records without reading their values; costs one round at most.
  ///
  /// - Throws: `DatabaseError` when the database is empty or damaged.
  package mutating func skip(_ number: Int) throws(DatabaseError) {
    guard count != 0 else { throw empty }
    var left = count.map { number % $0 } ?? number
    while left > 0 {
      if try walk.pass() {
        passed += 1
        left -= 1
      } else {
        left %= try startOver()
      }
    }
  }

  /// Back before the first record; returns the number of records.
  private mutating func startOver() throws(DatabaseError) -> Int {
    guard passed > 0 else { throw empty }
    let count = count ?? passed
    guard passed == count else {
      throw DatabaseError(path: database.path, "it is damaged: it claims \(count) records and holds \(passed)")
    }
    self.count = count
    walk = database.makeWalk()
    passed = 0
    return count
  }

  private var empty: DatabaseError { DatabaseError(path: database.path, "the database has no entries") }
}
