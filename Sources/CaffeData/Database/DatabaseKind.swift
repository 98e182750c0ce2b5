import CaffeCore

/// The kinds of databases that are read and written.
public enum DatabaseKind: String, Sendable, CaseIterable {
  /// A directory with `data.mdb`.
  case lmdb
  /// A directory with `CURRENT`, Caffe's default.
  case leveldb

  /// What lies at a path; nil where neither does.
  public init?(at path: String) {
    if FilePlace.exists(path + "/CURRENT") {
      self = .leveldb
    } else if FilePlace.exists(path + "/data.mdb") || FilePlace.exists(path) && !FilePlace.isDirectory(path) {
      self = .lmdb
    } else {
      return nil
    }
  }

  /// The name in prototxt.
  public var name: String { rawValue.uppercased() }

  /// Opens what lies at a path.
  ///
  /// - Throws: `DatabaseError` when there is no database, or it is damaged.
  package static func open(_ path: String) throws(DatabaseError) -> any RecordDatabase {
    guard let kind = DatabaseKind(at: path) else {
      let what = FilePlace.exists(path) ? "holds neither data.mdb (LMDB) nor CURRENT (LevelDB)" : "does not exist"
      throw DatabaseError(path: path, "cannot open the database: the directory \(what)")
    }
    return switch kind {
    case .lmdb: try LMDBSnapshot(path: path)
    case .leveldb: try LevelDBSnapshot(path: path)
    }
  }
}
