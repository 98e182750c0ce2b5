import CLMDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A new database, which appears under its path only when it is complete.
///
/// It is written into a temporary directory beside the destination; `commit` renames that. Entries are committed
/// 1000 at a time, and the map doubles when it is full, as in Caffe's tools.
package final class LMDBWriter {
  /// Entries per transaction.
  private static let batchSize = 1000

  /// Where the database will appear: a directory.
  package let path: String
  private let temporary: String
  private var environment: LMDBWriteEnvironment?
  private var batch: [(key: [UInt8], value: [UInt8])] = []

  /// - Throws: `LMDBError` when something exists at the path, or the directory above cannot be written.
  package init(path: String) throws(LMDBError) {
    self.path = path
    temporary = "\(path).\(getpid()).partial"
    guard access(path, F_OK) != 0 else {
      throw LMDBError(path: path, "something exists there already; remove it or choose another name")
    }
    guard mkdir(temporary, 0o755) == 0 else {
      throw LMDBError(path: path, "cannot create the directory: \(String(cString: strerror(errno)))")
    }
    do throws(LMDBError) {
      environment = try LMDBWriteEnvironment(directory: temporary, path: path)
    } catch {
      removeTemporary()
      throw error
    }
  }

  deinit { abandon() }

  /// Adds an entry; an entry with the same key is replaced.
  ///
  /// - Throws: `LMDBError` when the key is empty or too long, or the disk is full.
  package func put(key: [UInt8], value: [UInt8]) throws(LMDBError) {
    batch.append((key, value))
    if batch.count == LMDBWriter.batchSize { try flush() }
  }

  /// Writes what is left and puts the database in its place.
  ///
  /// - Throws: `LMDBError`, for one when the disk is full or the destination has appeared meanwhile.
  package func commit() throws(LMDBError) {
    try flush()
    try environment?.synchronize()
    environment = nil
    unlink(temporary + "/lock.mdb")
    guard rename(temporary, path) == 0 else {
      throw LMDBError(path: path, "cannot rename the finished database: \(String(cString: strerror(errno)))")
    }
  }

  /// Drops what was written; does nothing after `commit`.
  package func abandon() {
    environment = nil
    removeTemporary()
  }

  private func flush() throws(LMDBError) {
    guard let environment else { throw LMDBError(path: path, "the database was committed or abandoned before") }
    guard !batch.isEmpty else { return }
    try environment.put(batch)
    batch.removeAll(keepingCapacity: true)
  }

  private func removeTemporary() {
    unlink(temporary + "/data.mdb")
    unlink(temporary + "/lock.mdb")
    rmdir(temporary)
  }
}
