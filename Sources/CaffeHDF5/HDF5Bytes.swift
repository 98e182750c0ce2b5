#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A stretch of an HDF5 file's bytes, every access checked; all numbers are little-endian.
struct HDF5Bytes {
  private let bytes: ArraySlice<UInt8>

  init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

  /// Reads a stretch of a file; nil when it does not lie inside the file whole.
  init?(file descriptor: Int32, at offset: Int, count: Int) {
    guard offset >= 0, count >= 0 else { return nil }
    var filled = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, length in
      filled = pread(descriptor, buffer.baseAddress, count, off_t(offset))
      length = max(filled, 0)
    }
    guard filled == count else { return nil }
    self.bytes = bytes[...]
  }

  var count: Int { bytes.count }

  var array: [UInt8] { Array(bytes) }

  /// The bytes from `offset` on; nil when they are not all there.
  func part(_ offset: Int, _ count: Int) -> HDF5Bytes? {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
    return HDF5Bytes(bytes[bytes.startIndex + offset..<bytes.startIndex + offset + count])
  }

  /// The unsigned number of `size` bytes at `offset`; nil when it is outside or passes `Int.max`.
  func number(_ offset: Int, _ size: Int) -> Int? {
    guard let part = part(offset, size) else { return nil }
    return Int(exactly: part.bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }

  func begins(with text: String) -> Bool { bytes.starts(with: text.utf8) }

  /// The bytes up to the first zero as text.
  var text: String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }
}
