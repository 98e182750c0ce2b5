import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file seen as memory, read-only; the mapping ends with the last reference.
// The mapping is never written and lives as long as the object, so sharing it between threads is safe.
package final class MappedFile: @unchecked Sendable {
  package let path: String
  package let count: Int
  private let base: UnsafeRawPointer?

  /// - Throws: `FileError` when the file cannot be opened or is no regular file.
  package init(path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)  // a FIFO must not be waited for
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open the file") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError(path: path, operation: "read the file's size") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: path, operation: "read it: it is no regular file", code: EINVAL)
    }
    self.path = path
    count = Int(status.st_size)
    guard count > 0 else {
      base = nil
      return
    }
    guard let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw FileError(path: path, operation: "map the file")
    }
    base = UnsafeRawPointer(address)
  }

  deinit { if let base { munmap(UnsafeMutableRawPointer(mutating: base), count) } }

  package func withBytes<R>(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
    try body(UnsafeRawBufferPointer(start: base.map { $0 + range.lowerBound }, count: range.count))
  }

  /// Tells the system that whole pages inside `range` are not needed for now; they can be read again at any time.
  package func release(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound / page * page
    guard let base, end > start else { return }
    madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
  }
}
