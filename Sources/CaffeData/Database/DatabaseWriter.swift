import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a library does for a database that is being written.
protocol DatabaseWriteEnvironment: AnyObject {
  /// Writes entries in one step; an entry with the same key as one before is replaced.
  func put(_ entries: [(key: [UInt8], value: [UInt8])]) throws(DatabaseError)
  /// Puts everything on the disk.
  func synchronize() throws(DatabaseError)
  /// Files in the directory that are of no use once the database is closed.
  static var leftovers: [String] { get }
}

extension DatabaseKind {
  fileprivate func create(directory: String, path: String) throws(DatabaseError) -> any DatabaseWriteEnvironment {
    switch self {
    case .lmdb: try LMDBWriteEnvironment(directory: directory, path: path)
    case .leveldb: try LevelDBWriteEnvironment(directory: directory, path: path)
    }
  }

  fileprivate var leftovers: [String] {
    switch self {
    case .lmdb: LMDBWriteEnvironment.leftovers
    case .leveldb: LevelDBWriteEnvironment.leftovers
    }
  }
}

/// A new database, which appears under its path only when it is complete.
///
/// It is written into a temporary directory beside the destination; `commit` renames that. Entries are committed
/// 1000 at a time, as in Caffe's tools, or earlier when they are large.
package final class DatabaseWriter {
  /// Entries per transaction.
  private static let batchSize = 1000
  /// Bytes after which a transaction ends early: a thousand large pictures would not fit into memory.
  private static let batchBytes = 64 << 20

  /// Where the database will appear: a directory.
  package let path: String
  private let kind: DatabaseKind
  private let temporary: String
  private var environment: (any DatabaseWriteEnvironment)?
  private var batch: [(key: [UInt8], value: [UInt8])] = []
  private var bytes = 0
  /// Held on the temporary directory.
  private var lock: Int32 = -1

  /// - Throws: `DatabaseError` when something exists at the path, or the directory above cannot be written.
  package init(path: String, kind: DatabaseKind = .lmdb) throws(DatabaseError) {
    let path = DatabaseWriter.withoutSlashes(path)
    self.path = path
    self.kind = kind
    temporary = PartialPath.make(for: path)
    guard access(path, F_OK) != 0 else {
      throw DatabaseError(path: path, "something exists there already; remove it or choose another name")
    }
    guard mkdir(temporary, 0o755) == 0 else {
      throw DatabaseError(path: path, "cannot create the directory: \(String(cString: strerror(errno)))")
    }
    do throws(DatabaseError) {
      environment = try kind.create(directory: temporary, path: path)
      lock = PartialPath.lock(temporary)
    } catch {
      FlatFolder.remove(temporary)
      throw error
    }
  }

  deinit { abandon() }

  /// `digits/train_lmdb/` is `digits/train_lmdb`.
  private static func withoutSlashes(_ path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// Adds an entry; an entry with the same key is replaced.
  ///
  /// - Throws: `DatabaseError` when the key is empty or too long, or the disk is full.
  package func put(key: [UInt8], value: [UInt8]) throws(DatabaseError) {
    batch.append((key, value))
    bytes += value.count
    if batch.count == DatabaseWriter.batchSize || bytes >= DatabaseWriter.batchBytes { try flush() }
  }

  /// Writes what is left and puts the database in its place.
  ///
  /// - Throws: `DatabaseError`, for one when the disk is full or the destination has appeared meanwhile.
  package func commit() throws(DatabaseError) {
    try flush()
    try environment?.synchronize()
    environment = nil
    unlock()
    for name in kind.leftovers { unlink("\(temporary)/\(name)") }
    guard rename(temporary, path) == 0 else {
      throw DatabaseError(path: path, "cannot rename the finished database: \(String(cString: strerror(errno)))")
    }
  }

  /// Drops what was written; does nothing after `commit`.
  package func abandon() {
    environment = nil
    unlock()
    FlatFolder.remove(temporary)
  }

  private func unlock() {
    if lock >= 0 { close(lock) }
    lock = -1
  }

  private func flush() throws(DatabaseError) {
    guard let environment else { throw DatabaseError(path: path, "the database was committed or abandoned before") }
    guard !batch.isEmpty else { return }
    try environment.put(batch)
    batch.removeAll(keepingCapacity: true)
    bytes = 0
  }
}
