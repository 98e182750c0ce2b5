/// Finds a picture in a list by its path, or by its file's name where only one has it.
package struct PictureNames: Sendable {
  private let paths: Set<String>
  private var files: [Substring: String?] = [:]

  package init(_ paths: some Sequence<String>) {
    self.paths = Set(paths)
    for path in self.paths {
      let file = PictureNames.file(of: path)
      files[file] = files[file] == nil ? .some(path) : .some(nil)
    }
  }

  private static func file(of path: String) -> Substring { path.split(separator: "/").last ?? "" }

  /// The path in the list.
  package subscript(path: String) -> String? { paths.contains(path) ? path : files[PictureNames.file(of: path)] ?? nil }
}
