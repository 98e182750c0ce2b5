import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The files of an index in a directory that somebody else filled: a link in it is never followed.
struct IndexFolder: Sendable {
  let path: String

  /// A file's bytes; nil when there is none.
  ///
  /// - Parameter name: a path inside the folder, chosen by this program.
  /// - Throws: `ZooError` for a link, for what is no file, and for more than `limit` bytes.
  func read(_ name: String, limit: Int) throws(ZooError) -> [UInt8]? {
    try refuseLinks(name)
    let descriptor = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw ZooError("\(path)/\(name): cannot read the file: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw ZooError("\(path)/\(name) is no file")
    }
    guard status.st_size <= limit else { throw ZooError("\(path)/\(name) is larger than \(NumberText.megabytes(limit))") }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let count = systemRead(descriptor, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      guard count >= 0 else { throw ZooError("\(path)/\(name): cannot read the file: \(String(cString: strerror(errno)))") }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    return bytes
  }

  /// Writes a file, whole or not at all.
  ///
  /// - Throws: `ZooError` where a link stands in the way, `FileError` as `AtomicFile`.
  func write(_ bytes: [UInt8], to name: String) throws {
    try refuseLinks(name)
    // The temporary file of `AtomicFile` lies beside the file, under this name.
    try refuseLinks("\(name).\(getpid()).partial")
    if let end = name.lastIndex(of: "/") { mkdir("\(path)/\(name[..<end])", 0o777) }
    try AtomicFile.write(bytes, to: "\(path)/\(name)")
  }

  /// Removes a file if it is there.
  func remove(_ name: String) throws(ZooError) {
    try refuseLinks(name)
    unlink("\(path)/\(name)")
  }

  /// The folder itself may be reached over links; what is in it may not.
  private func refuseLinks(_ name: String) throws(ZooError) {
    var place = path
    for part in name.split(separator: "/") {
      place += "/\(part)"
      var status = stat()
      if lstat(place, &status) == 0, status.st_mode & S_IFMT == S_IFLNK {
        throw ZooError("\(place) is a symbolic link, which is not followed", advice: "replace it by a file")
      }
    }
  }
}

private func systemRead(_ descriptor: Int32, _ buffer: UnsafeMutableRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.read(descriptor, buffer, count)
  #else
    Darwin.read(descriptor, buffer, count)
  #endif
}
