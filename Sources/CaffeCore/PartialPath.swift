import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Where something is made before it moves to its own place: `NAME.PROCESS.partial` beside it.
///
/// A process that is killed leaves such a file or folder; the next that writes to the same place removes it.
package enum PartialPath {
  /// The path for this process.
  ///
  /// - Parameter path: the place that a file or folder will have; one that ends in `/` gives a hidden name in that folder.
  package static func path(for path: String) -> String { "\(path).\(getpid()).partial" }

  /// The path for this process, with the folders above it made and what dead processes left removed.
  package static func make(for path: String) -> String {
    FilePlace.makeFolders(above: path)
    removeLeftovers(of: path)
    return self.path(for: path)
  }

  /// Removes what dead processes left of their attempts to write to a place.
  package static func removeLeftovers(of path: String) { for name in leftovers(of: path) { remove(name) } }

  /// A lock on what is being made, which tells other machines' processes that somebody still writes it.
  ///
  /// - Returns: a descriptor to close when it has its place; -1 where there are no locks.
  package static func lock(_ path: String) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor >= 0 { flock(descriptor, LOCK_SH | LOCK_NB) }
    return descriptor
  }

  private static func leftovers(of path: String) -> [String] {
    let slash = path.lastIndex(of: "/")
    let folder = slash.map { String(path[...$0]) } ?? ""
    let start = (slash.map { String(path[path.index(after: $0)...]) } ?? path) + "."
    return partials(in: folder.isEmpty ? "." : folder).filter { isOfDeadProcess($0, start) }.map { folder + $0 }
  }

  /// What lay in folders when this process first wrote there: to list a folder for each of many files would take for ever.
  private static let known = Mutex<[String: [String]]>([:])
  /// How many folders are remembered.
  private static let knownLimit = 256

  private static func partials(in folder: String) -> [String] {
    known.withLock { known in
      if let names = known[folder] { return names }
      let names = (FlatFolder.names(in: folder) ?? []).filter { $0.hasSuffix(".partial") }
      if known.count >= knownLimit { known = [:] }
      known[folder] = names
      return names
    }
  }

  private static func isOfDeadProcess(_ name: String, _ start: String) -> Bool {
    guard name.hasPrefix(start), name.hasSuffix(".partial"), name.count > start.count + ".partial".count else { return false }
    let digits = name.dropFirst(start.count).dropLast(".partial".count)
    guard digits.allSatisfy({ ("0"..."9").contains($0) }), let process = pid_t(digits), process > 0 else { return false }
    return kill(process, 0) != 0 && errno == ESRCH
  }

  /// Removes what is this user's and nobody holds a lock on. Links are none of ours: what they lead to belongs elsewhere.
  private static func remove(_ path: String) {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(), flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      unlink(path)
      return
    }
    for name in FlatFolder.names(in: path) ?? [] where isOwnFolder("\(path)/\(name)") { FlatFolder.remove("\(path)/\(name)") }
    FlatFolder.remove(path)
  }

  private static func isOwnFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
  }
}
