import CaffeCore

/// A model's `readme.md`: what its front matter says, what is wrong with it, and the text.
///
/// What people published is read tolerantly; everything that is not in the strict form is a problem with its place.
public struct Readme: Sendable {
  /// The most bytes a file may have: 1 MiB.
  public static let maximumSize = 1 << 20

  public let source: SourceFile
  public let frontMatter: FrontMatter
  /// Errors, warnings and notes, in the order of the text.
  public let problems: Diagnostics
  let layout: ReadmeLayout?
  /// The keys with their lines, as they are written.
  let keys: [(key: String, line: Int)]
  /// Whether keys can be changed line by line: the front matter has both its marks and a line per key.
  let isEditable: Bool

  /// Reads a text of any content.
  public init(_ source: SourceFile) {
    self.source = source
    layout = ReadmeLayout(source)
    guard let layout else {
      (frontMatter, keys, isEditable) = (FrontMatter(), [], false)
      problems = Diagnostics([ReadmeForm.missing(source)])
      return
    }
    let lines = FrontMatterLines(layout, of: source)
    let entries = FrontMatterEntries(lines.lines, firstLine: layout.lines.lowerBound, of: source)
    let reader = FrontMatterReader(entries, of: source)
    frontMatter = reader.frontMatter
    keys = entries.entries.map { ($0.key, $0.line) }
    isEditable = layout.isClosed && !lines.endsInConflict && Set(entries.entries.map(\.line)).count == entries.entries.count
    var found = ReadmeForm.problems(layout, of: source)
    found += lines.problems.items + reader.reader.problems.items
    found += RequiredKeys.problems(frontMatter, entries, layout, of: source)
    problems = Diagnostics(Readme.sorted(found))
  }

  /// Reads a file.
  ///
  /// - Throws: `FileError` when it cannot be read, is no regular file or has more than 1 MiB.
  public init(contentsOf path: String) throws(FileError) {
    self.init(SourceFile(name: path, bytes: try FileBytes.read(path, limit: Readme.maximumSize)))
  }

  /// Whether anything was recognised as front matter.
  public var hasFrontMatter: Bool { layout != nil }

  /// Where a key of the front matter stands; where it is missing, where the front matter begins.
  public func location(of key: String) -> SourceLocation {
    let known = KnownKey(rawValue: key)
    let entry = keys.first { $0.key == key } ?? keys.first { known != nil && KnownKey(spelled: $0.key) == known }
    guard let entry else { return source.location(line: max(1, (layout?.lines.lowerBound ?? 1) - 1), column: 1) }
    let column = KeyLine(source.line(entry.line)).map { $0.keyColumn + 1 } ?? 1
    return source.location(line: entry.line, column: column, length: entry.key.utf8.count)
  }

  /// The text without the front matter.
  public var body: String {
    guard let layout else { return String(decoding: source.bytes, as: UTF8.self) }
    var (first, end) = (layout.lines.lowerBound, layout.lines.upperBound)
    if case .marked(let opening, let closing) = layout.form { (first, end) = (opening, closing.map { $0 + 1 } ?? end) }
    let before = source.bytes[..<source.start(ofLine: first)]
    let after = end <= source.lineCount ? source.bytes[source.start(ofLine: end)...] : []
    return String(decoding: before + after, as: UTF8.self)
  }

  private static func sorted(_ problems: [Diagnostic]) -> [Diagnostic] {
    let ordered = problems.enumerated().sorted {
      ($0.element.location?.offset ?? 0, $0.offset) < ($1.element.location?.offset ?? 0, $1.offset)
    }
    return ordered.map(\.element)
  }
}
