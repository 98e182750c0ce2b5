#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A file that is added to while others read it: logs and records of events.
// Each write is one call, and the system's stream locks itself.
public final class AppendingFile: @unchecked Sendable {
  public let path: String
  private let handle: UnsafeMutablePointer<FILE>

  /// Opens the file, which is made when it is not there; so are the folders above it.
  ///
  /// - Throws: `FileError` when it cannot be written.
  public init(path: String) throws(FileError) {
    self.path = path
    FilePlace.makeFolders(above: path)
    guard let handle = fopen(path, "a") else { throw FileError(path: path, operation: "open the file to add to it") }
    self.handle = handle
  }

  deinit { fclose(handle) }

  /// Adds bytes; readers see them at once.
  ///
  /// - Throws: `FileError`, for one when the disk is full.
  public func write(_ bytes: [UInt8]) throws(FileError) {
    guard fwrite(bytes, 1, bytes.count, handle) == bytes.count, fflush(handle) == 0 else {
      throw FileError(path: path, operation: "add to the file")
    }
  }
}
