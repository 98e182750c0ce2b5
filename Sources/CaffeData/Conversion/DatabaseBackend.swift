/// The kind of database that a conversion writes.
public enum DatabaseBackend: String, Sendable, CaseIterable {
  case lmdb, leveldb

  /// A new database of that kind, which appears under its path when it is committed.
  ///
  /// - Throws: `DataFileError` for a kind that is not written here, `LMDBError` when the place cannot be written or is taken.
  package func writer(path: String) throws -> LMDBWriter {
    switch self {
    case .lmdb: try LMDBWriter(path: path)
    case .leveldb: throw DataFileError(path: path, "LevelDB databases are not written here; choose the backend lmdb")
    }
  }
}
