#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The eight bytes an HDF5 file begins with.
enum HDF5Signature {
  private static let bytes: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// Opens a regular file that begins with the signature; the caller closes it.
  ///
  /// - Throws: `HDF5Error` when it cannot be opened or is something else.
  static func open(path: String) throws(HDF5Error) -> (descriptor: Int32, size: Int) {
    let descriptor = openForReading(path)
    guard descriptor >= 0 else {
      throw HDF5Error(path: path, "cannot open the file: \(String(cString: strerror(errno)))")
    }
    do throws(HDF5Error) {
      return (descriptor, try checkedSize(descriptor, path))
    } catch {
      close(descriptor)
      throw error
    }
  }

  private static func checkedSize(_ descriptor: Int32, _ path: String) throws(HDF5Error) -> Int {
    var status = stat()
    var found = [UInt8](repeating: 0, count: bytes.count)
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw HDF5Error(path: path, "not a regular file")
    }
    guard pread(descriptor, &found, found.count, 0) == found.count, found == bytes else {
      throw HDF5Error(path: path, "not an HDF5 file: it does not begin with HDF5's signature")
    }
    return Int(status.st_size)
  }

  static func close(_ descriptor: Int32) { closeFile(descriptor) }
}

/// libc's `open`, whose name the methods here hide; without blocking, so that a pipe is not waited for.
private func openForReading(_ path: String) -> Int32 { open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }

/// libc's `close`, whose name the methods here hide.
private func closeFile(_ descriptor: Int32) { close(descriptor) }
