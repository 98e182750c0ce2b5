/// Finds a picture in a list by its path, or by as much of the path's end as no other one has.
package struct PictureNames: Sendable {
  private let paths: Set<String>
  private let files: [Substring: [String]]

  package init(_ paths: some Sequence<String>) {
    self.paths = Set(paths)
    files = Dictionary(grouping: self.paths) { PictureNames.parts(of: $0).last ?? "" }
  }

  private static func parts(of path: String) -> [Substring] { path.split(separator: "/").filter { $0 != "." } }

  /// The path in the list: the same, else the only one among those of the same file name that have most of its last folders.
  package subscript(path: String) -> String? {
    if paths.contains(path) { return path }
    let parts = PictureNames.parts(of: path)
    let alike = (files[parts.last ?? ""] ?? []).map { other in
      (path: other, shared: zip(parts.reversed(), PictureNames.parts(of: other).reversed()).prefix { $0 == $1 }.count)
    }
    let most = alike.map(\.shared).max() ?? 0
    let best = alike.filter { $0.shared == most }
    return best.count == 1 ? best[0].path : nil
  }
}
