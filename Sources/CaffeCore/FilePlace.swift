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

  /// The path to open for a file that a list names: beside the list where it is there, else as `find` has it.
  package func find(_ path: String, beside list: String) -> String {
    let found = FilePlace(of: list).find(path)
    return FilePlace.exists(found) ? found : find(path)
  }

  /// Whether there is a file at the path as it stands.
  package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  package static func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
