#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A call to the operating system that failed: what was tried, on which path, and why.
public struct FileError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let operation: String
  /// The system's error number.
  public let code: Int32

  public init(path: String, operation: String, code: Int32 = errno) {
    self.path = path
    self.operation = operation
    self.code = code
  }

  public var description: String { "\(path): cannot \(operation): \(String(cString: strerror(code)))" }
}

/// A file that appears whole or not at all.
///
/// Bytes go to a temporary file in the same directory; `commit` flushes it to the disk and renames it over the
/// destination. A kill, a full disk or a thrown error leaves what was there before. A device or a pipe takes the bytes as they
/// come.
public final class AtomicFile {
  public let path: String
  private let temporary: String
  private let handle: UnsafeMutablePointer<FILE>
  private let isStream: Bool
  private var isOpen = true

  /// Folders above that are not there are made.
  ///
  /// - Throws: `FileError` when the directory cannot be written.
  public init(path: String) throws(FileError) {
    self.path = path
    isStream = FilePlace.isStream(path)
    temporary = isStream ? "" : PartialPath.make(for: path)
    guard let handle = fopen(isStream ? path : temporary, "wbe") else {
      throw FileError(path: path, operation: "create the file")
    }
    self.handle = handle
    flock(fileno(handle), LOCK_SH | LOCK_NB)
    setvbuf(handle, nil, _IOFBF, 1 << 20)
  }

  deinit { abandon() }

  /// Where the next byte goes.
  public var offset: Int { ftell(handle) }

  /// - Throws: `FileError`, for one when the disk is full.
  public func write(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    guard !bytes.isEmpty else { return }
    guard fwrite(bytes.baseAddress, 1, bytes.count, handle) == bytes.count else {
      throw FileError(path: path, operation: "write")
    }
  }

  /// - Throws: `FileError`, for one when the disk is full.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    let failure: FileError? = bytes.withUnsafeBytes { buffer in
      do throws(FileError) { try write(buffer) } catch { return error }
      return nil
    }
    if let failure { throw failure }
  }

  /// Puts the file in its place.
  ///
  /// - Throws: `FileError`; the file that stood there before is then untouched.
  public func commit() throws(FileError) {
    guard fflush(handle) == 0, isStream || fsync(fileno(handle)) == 0 else { throw FileError(path: path, operation: "write") }
    isOpen = false
    guard fclose(handle) == 0 else { throw failure("close") }
    guard !isStream else { return }
    guard rename(temporary, path) == 0 else { throw failure("rename the finished file") }
    AtomicFile.flushDirectory(of: path)
  }

  private func failure(_ operation: String) -> FileError {
    let error = FileError(path: path, operation: operation)
    unlink(temporary)
    return error
  }

  /// Drops what was written.
  public func abandon() {
    guard isOpen else { return }
    isOpen = false
    fclose(handle)
    unlink(temporary)
  }

  /// Writes a whole file at once.
  ///
  /// - Throws: `FileError`.
  public static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
  }

  /// Copies a regular file; the copy appears whole or not at all.
  ///
  /// - Throws: `FileError`, for one when the source is a pipe or a directory.
  public static func copy(_ source: String, to path: String) throws(FileError) {
    let input = open(source, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard input >= 0 else { throw FileError(path: source, operation: "open the file") }
    defer { close(input) }
    var status = stat()
    guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileError(path: source, operation: "read it as a file", code: EINVAL)
    }
    let output = try AtomicFile(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let count = read(input, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw FileError(path: source, operation: "read the file") }
      guard count > 0 else { return try output.commit() }
      try output.write(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
  }

  /// A rename is only safe from a power cut once the directory is on the disk; failure here loses nothing now.
  private static func flushDirectory(of path: String) {
    let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    let descriptor = open(directory.isEmpty ? "/" : directory, O_RDONLY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }
}
