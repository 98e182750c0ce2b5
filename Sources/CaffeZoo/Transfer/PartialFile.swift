import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file on its way: bytes that have come are kept through interruptions of any kind, with their running sums.
final class PartialFile {
  let path: String
  private let descriptor: Int32
  private(set) var sums = RunningSums()
  /// The server's mark (ETag or date) of the version the bytes are from.
  private(set) var validator: String?
  /// Whether any byte was there before this process came.
  private(set) var isResumed = false

  /// Opens what an earlier attempt left, or begins anew.
  ///
  /// - Throws: `FileError`.
  init(_ path: String) throws(FileError) {
    self.path = path
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "create the file") }
    try sums.take(contentsOf: path)
    isResumed = sums.size > 0
    if isResumed, let bytes = try? FileBytes.read(path + ".version", limit: 1_000) {
      validator = String(decoding: bytes, as: UTF8.self)
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Bytes at hand.
  var size: Int { sums.size }

  /// Begins anew, with a version's mark.
  func restart(validator: String?) throws(FileError) {
    guard ftruncate(descriptor, 0) == 0 else { throw FileError(path: path, operation: "empty the file") }
    sums = RunningSums()
    isResumed = false
    self.validator = validator
    unlink(path + ".version")
    if let validator { try AtomicFile.write(Array(validator.utf8), to: path + ".version") }
  }

  /// Adds bytes at the end.
  ///
  /// - Throws: `FileError`, for one when the disk is full.
  func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var written = 0
    while written < bytes.count {
      let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
      let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(sums.size + written))
      guard count > 0 else {
        if count < 0 && errno == EINTR { continue }
        throw FileError(path: path, operation: "write")
      }
      written += count
    }
    sums.take(bytes)
  }

  /// Makes sure that the bytes are on the disk.
  ///
  /// - Throws: `FileError`.
  func flush() throws(FileError) {
    guard fsync(descriptor) == 0 else { throw FileError(path: path, operation: "write") }
    unlink(path + ".version")
  }

  /// Removes the file.
  func remove() {
    unlink(path)
    unlink(path + ".version")
  }
}
