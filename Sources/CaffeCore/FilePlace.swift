#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds files that a prototxt names.
///
/// As in Caffe a relative path counts from the working directory; where nothing is there, from the directory of the
/// file that names it, so that a model's directory can be used from anywhere.
package struct FilePlace: Sendable {
  private let directory: String?

  /// - Parameter file: the file whose mentions are looked up; nil looks in the working directory only.
  package init(of file: String?) {
    directory = file.flatMap { file in file.lastIndex(of: "/").map { String(file[...$0]) } }
  }

  /// The path to open.
  package func find(_ path: String) -> String {
    guard !path.hasPrefix("/"), !FilePlace.exists(path), let directory else { return path }
    let other = directory + path
    return FilePlace.exists(other) ? other : path
  }

  /// The path to open for a file that may have moved together with the one that names it: as `find` has it, else its mere name
  /// beside that one.
  package func findMoved(_ path: String) -> String {
    let found = find(path)
    guard !FilePlace.exists(found), let name = path.split(separator: "/").last else { return found }
    let beside = (directory ?? "") + name
    return FilePlace.exists(beside) ? beside : path
  }

  /// The path to open for a file that was written together with the one that names it: its mere name beside that one, else as
  /// `findMoved` has it.
  package func findTogether(_ path: String) -> String {
    guard let name = path.split(separator: "/").last else { return path }
    let beside = (directory ?? "") + name
    return FilePlace.exists(beside) ? beside : findMoved(path)
  }

  /// The path to open for a file that a list names: beside the list where it is there, else as `find` has it.
  package func find(_ path: String, beside list: String) -> String {
    let found = FilePlace(of: list).find(path)
    return FilePlace.exists(found) ? found : find(path)
  }

  /// Whether there is a file at the path as it stands.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Makes the folders above a path that are not there. Where that fails, writing to the path says why.
  package static func makeFolders(above path: String) {
    for end in path.indices.dropFirst() where path[end] == "/" { mkdir(String(path[..<end]), 0o777) }
  }

  /// Sees to it, before work that takes long, that a file can be written: makes the folders above it.
  ///
  /// - Throws: `FileError` when the folder cannot be written, or a folder has the path.
  package static func checkIsWritable(_ path: String) throws(FileError) {
    makeFolders(above: path)
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    guard !isDirectory(path) else { throw FileError(path: path, operation: "write it as a file", code: EISDIR) }
    guard access(folder, W_OK) == 0 else { throw FileError(path: path, operation: "create the file") }
  }

  /// Whether two paths lead to one file that is there.
  package static func isSame(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }

  /// Whether the file system that has, or would have, a path cannot take another block that a plain user may write.
  package static func isOnFullDisk(_ path: String) -> Bool {
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    var status = statvfs()
    return statvfs(folder, &status) == 0 && status.f_bavail == 0
  }

  /// Whether a path is a device's or a pipe's, which no file may replace; /dev/shm holds files like any folder.
  package static func isStream(_ path: String) -> Bool {
    var status = stat()
    guard !path.hasPrefix("/dev/") || path.hasPrefix("/dev/shm/") else { return true }
    return stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
