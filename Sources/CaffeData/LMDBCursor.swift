/// A place in a database, moving through its entries in the order of their keys, round and round.
package struct LMDBCursor: Sendable {
  /// More levels than a tree of the largest possible file has.
  static let maximumDepth = 32

  private let snapshot: LMDBSnapshot
  /// The pages from the root to the current leaf, each with the next node to visit.
  private var stack: [Level] = []

  private struct Level: Sendable {
    let page: Int
    let count: Int
    var next: Int
  }

  init(_ snapshot: LMDBSnapshot) { self.snapshot = snapshot }

  /// Gives `body` the next entry's key and value in mapped memory, valid until it returns; after the last entry
  /// comes the first.
  ///
  /// - Throws: `LMDBError` when the database is empty or damaged, and what `body` throws.
  package mutating func next<Result>(
    _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let leaf = try advance()
    let value = try snapshot.value(of: leaf)
    return try withExtendedLifetime(snapshot) { try body(leaf.key, value) }
  }

  /// The next entry, copied.
  ///
  /// - Throws: `LMDBError` when the database is empty or damaged.
  package mutating func next() throws -> (key: [UInt8], value: [UInt8]) {
    try next { (Array($0), Array($1)) }
  }

  /// Passes over entries without touching their values.
  ///
  /// - Throws: `LMDBError` when the database is empty or damaged.
  package mutating func skip(_ count: Int) throws(LMDBError) {
    guard snapshot.count > 0 else { throw empty }
    for _ in 0..<count % snapshot.count { _ = try advance() }
  }

  /// Back before the first entry.
  package mutating func rewind() { stack = [] }

  /// The key and place of the next entry.
  private mutating func advance() throws(LMDBError) -> LMDBPage.Leaf {
    while let level = stack.last, level.next >= level.count { stack.removeLast() }
    if stack.isEmpty {
      guard let root = snapshot.meta.root else { throw empty }
      try push(root)
    }
    while true {
      let level = stack[stack.count - 1]
      stack[stack.count - 1].next += 1
      let page = try snapshot.page(level.page)
      if page.isLeaf { return try page.leaf(level.next) }
      try push(page.child(level.next))
    }
  }

  private mutating func push(_ number: Int) throws(LMDBError) {
    let page = try snapshot.page(number)
    let count = try page.nodeCount()
    guard stack.count < snapshot.meta.depth, page.isBranch || page.isLeaf, count > 0 else {
      throw LMDBError(path: snapshot.path, "page \(number) is no part of a tree; the database is damaged")
    }
    stack.append(Level(page: number, count: count, next: 0))
  }

  private var empty: LMDBError { LMDBError(path: snapshot.path, "the database has no entries") }
}
