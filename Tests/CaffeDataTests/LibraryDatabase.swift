import CLevelDB
import Testing

/// A database that libleveldb itself has open.
final class LibraryDatabase {
  private let handle: OpaquePointer

  init(_ path: String, compresses: Bool = true, blockSize: Int = 4096, writeBuffer: Int = 1 << 16) throws {
    let options = leveldb_options_create()
    defer { leveldb_options_destroy(options) }
    leveldb_options_set_create_if_missing(options, 1)
    leveldb_options_set_block_size(options, blockSize)
    leveldb_options_set_write_buffer_size(options, writeBuffer)
    leveldb_options_set_compression(options, Int32(compresses ? leveldb_snappy_compression : leveldb_no_compression))
    var message: UnsafeMutablePointer<CChar>?
    handle = try #require(leveldb_open(options, path, &message), "\(message.map { String(cString: $0) } ?? "")")
  }

  deinit { leveldb_close(handle) }

  func put(_ key: String, _ value: [UInt8]) {
    let options = leveldb_writeoptions_create()
    defer { leveldb_writeoptions_destroy(options) }
    var message: UnsafeMutablePointer<CChar>?
    value.withUnsafeBytes {
      leveldb_put(
        handle, options, key, key.utf8.count, $0.assumingMemoryBound(to: CChar.self).baseAddress, value.count, &message)
    }
  }

  func remove(_ key: String) {
    let options = leveldb_writeoptions_create()
    defer { leveldb_writeoptions_destroy(options) }
    var message: UnsafeMutablePointer<CChar>?
    leveldb_delete(handle, options, key, key.utf8.count, &message)
  }

  func fill(_ numbers: Range<Int>) {
    for number in numbers {
      put("key\(10_000 + number)", [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: number % 300))
    }
  }
}
