import CSystem
import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// What the zoo does with directories.
public enum Folder {
  /// Makes a directory and those above it that are missing.
  ///
  /// - Throws: `FileError`.
  public static func make(_ path: String) throws(FileError) {
    guard !isThere(path) else { return }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try make(String(path[..<slash])) }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw FileError(path: path, operation: "make the directory") }
  }

  /// Whether a directory is there.
  public static func isThere(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The names in a directory, sorted, without `.` and `..`.
  ///
  /// - Throws: `FileError`.
  public static func names(in path: String) throws(FileError) -> [String] {
    guard let handle = opendir(path) else { throw FileError(path: path, operation: "list the directory") }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a directory with all it holds. Symbolic links are removed, not followed.
  ///
  /// - Throws: `FileError`.
  public static func remove(_ path: String) throws(FileError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    if status.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try remove("\(path)/\(name)") }
      guard rmdir(path) == 0 else { throw FileError(path: path, operation: "remove the directory") }
    } else {
      guard unlink(path) == 0 else { throw FileError(path: path, operation: "remove") }
    }
  }

  /// Gives a finished directory its name. With a directory that has the name it changes places in one step, so that at any
  /// moment one of the two is there; the old one is then removed.
  ///
  /// - Throws: `FileError`; what stood there is then still there.
  static func put(_ fresh: String, at place: String) throws(FileError) {
    if rename(fresh, place) == 0 { return }
    guard csystem_exchange(fresh, place) == 0 else { throw FileError(path: place, operation: "rename the finished directory") }
    try remove(fresh)
  }

  /// Bytes that can still be written to the disk of a directory; nil when the system does not say.
  static func freeSpace(at path: String) -> Int? {
    var status = statvfs()
    guard statvfs(path, &status) == 0 else { return nil }
    return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
  }

  /// The size in bytes of what is itself a plain file, no link to one; nil when it is not.
  public static func plainFileSize(_ path: String) -> Int? {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }

  /// The size of a plain file, or of the one a link leads to, in bytes; nil when there is none.
  public static func fileSize(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
  }
}
