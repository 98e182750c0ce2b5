import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A folder that gets several files and databases, or none of them.
///
/// All is made in a hidden folder inside; `commit` moves it to its place. An object that goes without a commit takes
/// everything it made with it.
final class StagedFolder {
  /// The destination.
  let path: String
  private let staging: String
  /// Held on it.
  private var lock: Int32 = -1
  /// Made here, outermost first; removed in reverse when there is no commit.
  private var made: [String] = []
  /// Those of them that are databases.
  private var databases: Set<String> = []
  /// What `commit` moves: names right below the folder.
  private var names: [String] = []

  /// - Throws: `DataFileError` when the folder cannot be made or something of these names exists in it.
  init(path: String, makes names: [String]) throws(DataFileError) {
    self.path = path
    self.names = names
    staging = PartialPath.path(for: path + "/")
    try makeParents()
    PartialPath.removeLeftovers(of: path + "/")
    for name in names where access("\(path)/\(name)", F_OK) == 0 {
      removeMade()
      throw DataFileError(path: "\(path)/\(name)", "something exists there already; remove it or choose another folder")
    }
    try makeFolder(staging)
    lock = PartialPath.lock(staging)
  }

  deinit {
    removeMade()
    if lock >= 0 { close(lock) }
  }

  /// Where a file or database is to be written until `commit`; its folder is made.
  ///
  /// - Throws: `DataFileError`.
  func place(of name: String) throws(DataFileError) -> String {
    if let slash = name.lastIndex(of: "/") {
      let folder = "\(staging)/\(name[..<slash])"
      if access(folder, F_OK) != 0 { try makeFolder(folder) }
    }
    made.append("\(staging)/\(name)")
    return "\(staging)/\(name)"
  }

  /// A new database.
  ///
  /// - Throws: `DataFileError` or `DatabaseError`.
  func database(_ name: String, _ kind: DatabaseKind) throws -> DatabaseWriter {
    let path = try place(of: name)
    databases.insert(path)
    return try DatabaseWriter(path: path, kind: kind)
  }

  /// Moves everything to its place.
  ///
  /// - Throws: `DataFileError`; what was moved before is taken back.
  func commit() throws(DataFileError) {
    var moved: [String] = []
    for name in names {
      guard rename("\(staging)/\(name)", "\(path)/\(name)") == 0 else {
        let reason = String(cString: strerror(errno))
        for name in moved { rename("\(path)/\(name)", "\(staging)/\(name)") }
        throw DataFileError(path: "\(path)/\(name)", "cannot move the finished result there: \(reason)")
      }
      moved.append(name)
    }
    made = []
    rmdir(staging)
  }

  private func makeParents() throws(DataFileError) {
    var parent = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      parent += parent.isEmpty || parent == "/" ? "\(part)" : "/\(part)"
      if access(parent, F_OK) != 0 { try makeFolder(parent) }
    }
  }

  private func makeFolder(_ folder: String) throws(DataFileError) {
    guard mkdir(folder, 0o755) == 0 else {
      let reason = String(cString: strerror(errno))
      removeMade()
      throw DataFileError(path: folder, "cannot create the folder: \(reason)")
    }
    made.append(folder)
  }

  private func removeMade() {
    // Folders that hold something of someone else's stay: `remove` takes empty ones only.
    for path in made.reversed() {
      if databases.contains(path) { FlatFolder.remove(path) } else { remove(path) }
    }
    made = []
  }
}
