#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Reads whole files of bounded size.
package enum FileBytes {
  /// The bytes of a regular file.
  ///
  /// - Throws: `FileError` when it cannot be read, is not a regular file (a pipe would block for ever) or has more
  ///   than `limit` bytes.
  package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open the file") }
    defer { close(descriptor) }
    let size = try size(of: descriptor, path: path)
    guard size <= limit else {
      throw FileError(path: path, operation: "read a file of more than \(limit) bytes", code: EFBIG)
    }
    var filled = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      filled = fill(buffer, from: descriptor)
      count = max(filled, 0)
    }
    guard filled == size else { throw FileError(path: path, operation: "read the whole file", code: filled < 0 ? errno : EIO) }
    return bytes
  }

  /// The size of an open regular file, in bytes.
  static func size(of descriptor: Int32, path: String) throws(FileError) -> Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, operation: "inspect the file") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw FileError(path: path, operation: "read it as a file", code: isDirectory ? EISDIR : EINVAL)
    }
    return Int(status.st_size)
  }

  /// The number of bytes read, fewer than asked when the file shrank, negative on failure.
  private static func fill(_ buffer: UnsafeMutableBufferPointer<UInt8>, from descriptor: Int32) -> Int {
    var offset = 0
    while offset < buffer.count {
      let got = pread(descriptor, buffer.baseAddress.map { $0 + offset }, buffer.count - offset, off_t(offset))
      if got < 0, errno == EINTR { continue }
      if got < 0 { return -1 }
      if got == 0 { break }
      offset += got
    }
    return offset
  }
}
