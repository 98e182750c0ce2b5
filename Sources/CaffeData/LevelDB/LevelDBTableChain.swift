/// Tables one after the other; one is open at a time.
struct LevelDBTableChain: LevelDBRun {
  private var paths: ArraySlice<String>
  private var run: LevelDBTable.Run?
  /// The table being read, for errors.
  private var path = ""
  private var lastKey: [UInt8] = []

  init(_ paths: [String]) { self.paths = paths[...] }

  mutating func next() throws(DatabaseError) -> LevelDBEntry? {
    while true {
      if let entry = try run?.next() {
        // Otherwise a damaged table could give the same entries again and again.
        guard lastKey.isEmpty || LevelDBKey.precedes(lastKey, entry.key) else {
          throw DatabaseError(path: path, "it is damaged (its keys are not in order); make the database again")
        }
        lastKey = entry.key
        return entry
      }
      guard let path = paths.popFirst() else { return nil }
      self.path = path
      run = try LevelDBTable.Run(LevelDBTable(path: path))
    }
  }
}
