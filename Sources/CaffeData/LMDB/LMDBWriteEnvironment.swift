import CLMDB
import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// An environment of liblmdb open for writing.
final class LMDBWriteEnvironment: DatabaseWriteEnvironment {
  static let leftovers: [String] = []
  /// Bytes of address space at first; LMDB reserves them and the file grows as it is filled.
  private static let initialMapSize = 1 << 26

  private let path: String
  private let handle: OpaquePointer
  private var mapSize = LMDBWriteEnvironment.initialMapSize

  /// - Parameters:
  ///   - directory: an existing directory to write in.
  ///   - path: the name that errors show.
  init(directory: String, path: String) throws(DatabaseError) {
    var environment: OpaquePointer?
    try DatabaseError.check(mdb_env_create(&environment), "create a database", path: path)
    guard let environment else { throw DatabaseError(path: path, "liblmdb made no database") }
    // Owned before anything else can fail, so that `deinit` closes it in every case.
    handle = environment
    self.path = path
    try DatabaseError.check(mdb_env_set_mapsize(handle, mapSize), "size the database", path: path)
    // No flush per transaction: `synchronize` makes one at the end, and until then nobody sees the file.
    // No lock file, which would be mapped and end the program on a full disk: nobody else knows the directory.
    let flags = UInt32(MDB_NOSYNC | MDB_NOTLS | MDB_NOLOCK)
    try DatabaseError.check(mdb_env_open(handle, directory, flags, 0o644), "open the database", path: path)
  }

  deinit { mdb_env_close(handle) }

  /// Writes entries in one transaction, doubling the map until they fit.
  func put(_ entries: [(key: [UInt8], value: [UInt8])]) throws(DatabaseError) {
    while true {
      let status = attempt(entries)
      guard status == MDB_MAP_FULL else { return try DatabaseError.check(status, "write entries", path: path) }
      mapSize *= 2
      try DatabaseError.check(mdb_env_set_mapsize(handle, mapSize), "enlarge the database", path: path)
    }
  }

  func synchronize() throws(DatabaseError) {
    try DatabaseError.check(mdb_env_sync(handle, 1), "flush the database", path: path)
  }

  /// The status of one transaction; when it is not 0, none of the entries was written.
  private func attempt(_ entries: [(key: [UInt8], value: [UInt8])]) -> Int32 {
    var transaction: OpaquePointer?
    var status = mdb_txn_begin(handle, nil, 0, &transaction)
    guard status == 0 else { return status }
    var database: MDB_dbi = 0
    status = mdb_dbi_open(transaction, nil, 0, &database)
    for entry in entries where status == 0 {
      status = LMDBWriteEnvironment.put(entry.key, entry.value, into: database, transaction)
    }
    guard status == 0 else {
      mdb_txn_abort(transaction)
      return status
    }
    return mdb_txn_commit(transaction)
  }

  private static func put(_ key: [UInt8], _ value: [UInt8], into database: MDB_dbi, _ transaction: OpaquePointer?) -> Int32 {
    key.withUnsafeBytes { key in
      value.withUnsafeBytes { value in
        // liblmdb takes pointers to mutable memory but does not write through these two.
        var entryKey = MDB_val(mv_size: key.count, mv_data: UnsafeMutableRawPointer(mutating: key.baseAddress))
        var entryValue = MDB_val(mv_size: value.count, mv_data: UnsafeMutableRawPointer(mutating: value.baseAddress))
        return mdb_put(transaction, database, &entryKey, &entryValue, 0)
      }
    }
  }
}

extension DatabaseError {
  /// The one place where liblmdb's status becomes an error.
  fileprivate static func check(_ status: Int32, _ operation: String, path: String) throws(DatabaseError) {
    guard status == 0 else { throw DatabaseError(path: path, "cannot \(operation): \(reason(status, path: path))") }
  }

  /// liblmdb says EIO when the disk takes a part of what it writes: mostly because there is no room for the rest.
  private static func reason(_ status: Int32, path: String) -> String {
    String(cString: mdb_strerror(status == EIO && FilePlace.isOnFullDisk(path) ? ENOSPC : status))
  }
}
