import CLevelDB

/// A LevelDB database open for writing, with the settings of Caffe's tools.
final class LevelDBWriteEnvironment: DatabaseWriteEnvironment {
  static let leftovers = ["LOCK", "LOG", "LOG.old"]
  /// Bytes of a block before it is packed, as in Caffe.
  private static let blockSize = 1 << 16
  /// Bytes that are gathered before a table is written.
  private static let writeBufferSize = 1 << 26

  private let path: String
  private let handle: OpaquePointer

  /// - Parameters:
  ///   - directory: an existing empty directory to write in.
  ///   - path: the name that errors show.
  init(directory: String, path: String) throws(DatabaseError) {
    let options = leveldb_options_create()
    defer { leveldb_options_destroy(options) }
    leveldb_options_set_create_if_missing(options, 1)
    leveldb_options_set_error_if_exists(options, 1)
    leveldb_options_set_block_size(options, LevelDBWriteEnvironment.blockSize)
    leveldb_options_set_write_buffer_size(options, LevelDBWriteEnvironment.writeBufferSize)
    leveldb_options_set_compression(options, Int32(leveldb_snappy_compression))
    var opened: OpaquePointer?
    try DatabaseError.check("create the database", path: path) { opened = leveldb_open(options, directory, &$0) }
    guard let opened else { throw DatabaseError(path: path, "libleveldb made no database") }
    handle = opened
    self.path = path
  }

  deinit { leveldb_close(handle) }

  func put(_ entries: [(key: [UInt8], value: [UInt8])]) throws(DatabaseError) {
    let batch = leveldb_writebatch_create()
    defer { leveldb_writebatch_destroy(batch) }
    for (key, value) in entries {
      // As in LMDB, whose databases are made by the same tools.
      guard !key.isEmpty else { throw DatabaseError(path: path, "cannot write entries: a key is empty") }
      key.withUnsafeBytes { key in
        value.withUnsafeBytes { value in
          leveldb_writebatch_put(
            batch, key.assumingMemoryBound(to: CChar.self).baseAddress, key.count,
            value.assumingMemoryBound(to: CChar.self).baseAddress, value.count)
        }
      }
    }
    try write(batch, isSynchronous: false)
  }

  func synchronize() throws(DatabaseError) {
    let batch = leveldb_writebatch_create()
    defer { leveldb_writebatch_destroy(batch) }
    try write(batch, isSynchronous: true)
  }

  private func write(_ batch: OpaquePointer?, isSynchronous: Bool) throws(DatabaseError) {
    let options = leveldb_writeoptions_create()
    defer { leveldb_writeoptions_destroy(options) }
    leveldb_writeoptions_set_sync(options, isSynchronous ? 1 : 0)
    try DatabaseError.check("write entries", path: path) { leveldb_write(handle, options, batch, &$0) }
  }
}

extension DatabaseError {
  /// The one place where libleveldb's message becomes an error.
  fileprivate static func check(
    _ operation: String, path: String, _ call: (inout UnsafeMutablePointer<CChar>?) -> Void
  ) throws(DatabaseError) {
    var message: UnsafeMutablePointer<CChar>?
    call(&message)
    guard let message else { return }
    defer { leveldb_free(message) }
    throw DatabaseError(path: path, "cannot \(operation): \(String(cString: message))")
  }
}
