/// Finds a picture in a list by its path, or where one path is the end of the other and of no other one's.
package struct PictureNames: Sendable {
  private let paths: Set<String>
  private let files: [Substring: [String]]

  package init(_ paths: some Sequence<String>) {
    self.paths = Set(paths)
    files = Dictionary(grouping: self.paths) { PictureNames.parts(of: $0).last ?? "" }
  }

  private static func parts(of path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }

  /// The path in the list: the same, else the only one that is the end of this one, or has this one as its end.
  package subscript(path: String) -> String? {
    if paths.contains(path) { return path }
    let parts = PictureNames.parts(of: path)
    let alike = (files[parts.last ?? ""] ?? []).filter { other in
      zip(parts.reversed(), PictureNames.parts(of: other).reversed()).allSatisfy { $0 == $1 }
    }
    return alike.count == 1 ? alike[0] : nil
  }
}
