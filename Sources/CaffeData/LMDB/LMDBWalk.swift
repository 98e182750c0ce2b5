/// A pass through the tree of an LMDB database.
struct LMDBWalk: RecordWalk {
  /// More levels than a tree of the largest possible file has.
  static let maximumDepth = 32

  private let snapshot: LMDBSnapshot
  private var hasBegun = false
  /// The pages from the root to the current leaf, each with the next node to visit.
  private var stack: [Level] = []

  private struct Level: Sendable {
    let page: Int
    let count: Int
    var next: Int
  }

  init(_ snapshot: LMDBSnapshot) { self.snapshot = snapshot }

  package mutating func next() throws(DatabaseError) -> DatabaseRecord? {
    guard let leaf = try advance() else { return nil }
    return DatabaseRecord(key: Array(leaf.key), value: try snapshot.value(of: leaf), owner: snapshot)
  }

  package mutating func pass() throws(DatabaseError) -> Bool { try advance() != nil }

  /// The key and place of the next entry; nil after the last.
  private mutating func advance() throws(DatabaseError) -> LMDBPage.Leaf? {
    while let level = stack.last, level.next >= level.count { stack.removeLast() }
    if stack.isEmpty {
      guard !hasBegun, let root = snapshot.meta.root else { return nil }
      hasBegun = true
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

  private mutating func push(_ number: Int) throws(DatabaseError) {
    let page = try snapshot.page(number)
    let count = try page.nodeCount()
    guard stack.count < snapshot.meta.depth, page.isBranch || page.isLeaf, count > 0 else {
      throw DatabaseError(path: snapshot.path, "page \(number) is no part of a tree; the database is damaged")
    }
    stack.append(Level(page: number, count: count, next: 0))
  }
}
