import CaffeCore

/// The lines of the front matter, mended where no meaning is lost, and what was mended. As many as in the file.
struct FrontMatterLines {
  private(set) var lines: [String] = []
  private(set) var problems = Diagnostics()
  /// Whether a merge's marks go on behind the front matter.
  private(set) var endsInConflict = false
  private let source: SourceFile
  private let isBare: Bool

  init(_ layout: ReadmeLayout, of source: SourceFile) {
    self.source = source
    isBare = layout.form == .bare
    var side = ConflictMark.end  // outside of conflicts
    var told = Set<String>()
    for number in layout.lines {
      let line = source.line(number)
      if let mark = ConflictMark(line) {
        if mark == .ours || side != .end { side = mark }
        if mark == .ours {
          warn(number, "a merge conflict was left here; the part before ======= is read", "settle it and delete the marks")
        }
      }
      let isDropped = ConflictMark(line) != nil || side == .base || side == .theirs
      lines.append(isDropped ? "" : mended(line, number, &told))
    }
    endsInConflict = side != .end
  }

  private mutating func warn(_ line: Int, _ message: String, _ hint: String? = nil, column: Int = 1) {
    problems.append(Diagnostic(message, at: source.location(line: line, column: column), hint: hint, severity: .warning))
  }

  /// Each kind of mending is told once.
  private mutating func mended(_ line: String, _ number: Int, _ told: inout Set<String>) -> String {
    var text = line.hasPrefix("\u{FEFF}") ? String(line.dropFirst()) : line
    if text.unicodeScalars.contains(where: { !YAMLCharacters.isAllowed($0) || $0 == "\r" }) {
      text = String(String.UnicodeScalarView(text.unicodeScalars.map { !YAMLCharacters.isAllowed($0) || $0 == "\r" ? " " : $0 }))
      if told.insert("controls").inserted { warn(number, "control characters are read as blanks", "delete them") }
    }
    if text.first(where: { $0 != " " }) == "\t" {
      text = FrontMatterLines.indented(text)
      if told.insert("tabs").inserted { warn(number, "YAML has no tabs before a value's line", "indent with blanks") }
    }
    guard isBare else { return text }
    if text.hasPrefix("```") || text.hasPrefix("~~~") { return "" }
    return undecorated(text, number, &told)
  }

  private static func indented(_ line: String) -> String {
    let white = line.prefix { $0 == " " || $0 == "\t" }
    let isBlank = white.count == line.count
    return isBlank ? "" : white.map { $0 == "\t" ? "  " : " " }.joined() + line.dropFirst(white.count)
  }

  private mutating func undecorated(_ line: String, _ number: Int, _ told: inout Set<String>) -> String {
    guard let key = KeyLine(line), key.isDecorated, key.known != nil else { return line }
    if told.insert("bullets").inserted { warn(number, "keys have neither bullets nor stars", "write \(key.key): value") }
    return "\(key.key): \(key.value)"
  }
}
