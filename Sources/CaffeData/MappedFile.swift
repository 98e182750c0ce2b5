import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A regular file mapped for reading.
///
/// `@unchecked Sendable`: the mapping is read-only and never changes after `init`.
final class MappedFile: @unchecked Sendable {
  let bytes: UnsafeRawBufferPointer

  /// - Throws: `FileError` when it cannot be opened or mapped, or is not a regular file.
  init(path: String) throws(FileError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(path: path, operation: "open the file") }
    defer { close(descriptor) }
    let size = try FileBytes.size(of: descriptor, path: path)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let base = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
      throw FileError(path: path, operation: "map the file")
    }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  deinit {
    guard let base = bytes.baseAddress else { return }
    munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
  }
}
