/// A pass through a LevelDB database: its runs merged, of each key the newest entry, removed keys left out.
struct LevelDBWalk: RecordWalk {
  /// A run and its next entry.
  private struct Front: Sendable {
    var run: Source
    var entry: LevelDBEntry?
  }

  /// The kinds of runs.
  enum Source: LevelDBRun {
    case memory(LevelDBMemory.Run)
    case tables(LevelDBTableChain)

    mutating func next() throws(DatabaseError) -> LevelDBEntry? {
      switch self {
      case .memory(var run):
        defer { self = .memory(run) }
        return run.next()
      case .tables(var run):
        defer { self = .tables(run) }
        return try run.next()
      }
    }
  }

  private var fronts: [Front]
  private var hasBegun = false
  /// The caller's key that came last, whether it was given or removed.
  private var lastKey: [UInt8]?

  init(_ runs: [Source]) { fronts = runs.map { Front(run: $0, entry: nil) } }

  mutating func next() throws(DatabaseError) -> DatabaseRecord? {
    guard let entry = try advance() else { return nil }
    return DatabaseRecord(key: Array(LevelDBKey.user(entry.key)), value: entry.value, owner: entry.owner)
  }

  mutating func pass() throws(DatabaseError) -> Bool { try advance() != nil }

  private mutating func advance() throws(DatabaseError) -> LevelDBEntry? {
    if !hasBegun {
      hasBegun = true
      for index in fronts.indices { fronts[index].entry = try fronts[index].run.next() }
    }
    while let index = first, let entry = fronts[index].entry {
      fronts[index].entry = try fronts[index].run.next()
      let user = LevelDBKey.user(entry.key)
      guard lastKey.map({ !$0.elementsEqual(user) }) ?? true else { continue }
      lastKey = Array(user)
      if !LevelDBKey.isRemoval(entry.key) { return entry }
    }
    return nil
  }

  /// The run whose next entry comes first.
  private var first: Int? {
    var best: Int?
    for index in fronts.indices {
      guard let entry = fronts[index].entry else { continue }
      guard let current = best, let other = fronts[current].entry else {
        best = index
        continue
      }
      if LevelDBKey.precedes(entry.key, other.key) { best = index }
    }
    return best
  }
}
