import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Writes a fetched model as a directory that is there whole or not at all.
public struct ModelDirectoryWriter {
  /// The directory's final name.
  public let path: String
  /// Where files are put until `commit`: a hidden neighbour, left by no way of ending but a kill.
  public let temporary: String
  private let replaces: Bool

  /// Makes the hidden directory and writes the files. What is in a directory that is replaced and
  /// was not published with it stays.
  ///
  /// - Throws: `ZooError` when `path` is there and `replaces` is false; `FileError`.
  public init(_ model: FetchedModel, at path: String, replaces: Bool) throws {
    let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.path = path
    self.replaces = replaces
    var status = stat()
    guard replaces || lstat(path, &status) != 0 else {
      throw ModelDirectoryWriter.occupied(path)
    }
    let slash = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    if slash > path.startIndex { try Folder.make(String(path[..<slash].dropLast())) }
    temporary = "\(path[..<slash]).\(path[slash...]).\(getpid()).partial"
    try Folder.remove(temporary)
    try Folder.make(temporary)
    do {
      for (name, bytes) in model.files { try AtomicFile.write(bytes, to: "\(temporary)/\(name)") }
      try keepOthers()
    } catch {
      abandon()
      throw error
    }
  }

  /// Takes over what is in a directory that is replaced and was not published with it: weights, which may have cost weeks, and
  /// whatever else somebody put there.
  ///
  /// - Throws: `ZooError` for what cannot be taken over, a directory for one.
  private func keepOthers() throws {
    guard Folder.isThere(path) else { return }
    let published = ModelOrigin(of: path)?.files ?? [:]
    for name in try Folder.names(in: path) where published[name] == nil && name != ModelOrigin.fileName {
      guard Folder.fileSize("\(temporary)/\(name)") == nil else { continue }
      guard Folder.plainFileSize("\(path)/\(name)") != nil else {
        throw ZooError(
          "\(path) holds \(TerminalText.line(name)), which is no plain file, so it is not replaced",
          advice: "choose another directory, or move what is in it away")
      }
      try Download.put("\(path)/\(name)", at: "\(temporary)/\(name)")
    }
  }

  /// Puts the directory in its place. With one that stood there it changes places in one step, so that at any moment one of
  /// the two is there.
  ///
  /// - Throws: `ZooError`, `FileError`; what stood there is then still there.
  public func commit() throws {
    do {
      var status = stat()
      if replaces { try keepOthers() } else if lstat(path, &status) == 0 { throw ModelDirectoryWriter.occupied(path) }
      try Folder.put(temporary, at: path)
    } catch {
      abandon()
      throw error
    }
  }

  private static func occupied(_ path: String) -> ZooError {
    ZooError("\(path) is there already", advice: "choose another directory, or replace it with --force")
  }

  /// Drops what was written.
  public func abandon() { try? Folder.remove(temporary) }
}
