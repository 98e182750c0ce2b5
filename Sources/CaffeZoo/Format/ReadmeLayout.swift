import CaffeCore

/// Where a readme's front matter stands.
struct ReadmeLayout {
  /// Between `---` lines, or a run of keys somewhere in the text.
  enum Form: Equatable {
    /// Lines (counted from 1) of the two marks; the second is nil when it is missing.
    case marked(opening: Int, closing: Int?)
    case bare
  }

  let form: Form
  /// The lines of the front matter without its marks, counted from 1; empty where there are none.
  let lines: Range<Int>

  /// - Returns: nil when there is no front matter.
  init?(_ source: SourceFile) {
    let lines = (1...source.lineCount).map { source.line($0) }
    guard let layout = ReadmeLayout.marked(lines) ?? ReadmeLayout.bare(lines) else { return nil }
    self = layout
  }

  private init(form: Form, lines: Range<Int>) {
    self.form = form
    self.lines = lines
  }

  /// Whether the front matter stands where every reader finds it: from the first line on, between its marks.
  var isStrict: Bool {
    guard case .marked(1, .some) = form else { return false }
    return true
  }

  /// Whether lines can be changed in it: it has both marks.
  var isClosed: Bool {
    guard case .marked(_, .some) = form else { return false }
    return true
  }

  /// The first two marks, as Caffe's scripts look for them, when there are keys between them.
  private static func marked(_ lines: [String]) -> ReadmeLayout? {
    let first = lines.firstIndex { !plain($0).isEmpty }
    let marks = lines.indices.lazy.filter { isMark(lines[$0]) }.prefix(2)
    guard let opening = marks.first else { return nil }
    let rest = lines.indices.dropFirst(opening + 1)
    if let closing = rest.first(where: { isMark(lines[$0]) || lines[$0].trimmed == "..." }) {
      guard opening == first || lines[opening..<closing].contains(where: isCaffeKey) else { return nil }
      return ReadmeLayout(form: .marked(opening: opening + 1, closing: closing + 1), lines: opening + 2..<closing + 1)
    }
    guard opening == first else { return nil }
    let end = run(from: opening + 1, in: lines)
    return ReadmeLayout(form: .marked(opening: opening + 1, closing: nil), lines: opening + 2..<end + 1)
  }

  /// The first run of lines with two or more of Caffe's keys.
  private static func bare(_ lines: [String]) -> ReadmeLayout? {
    var line = 0
    while let start = lines[line...].firstIndex(where: isCaffeKey) {
      let end = run(from: start, in: lines)
      let keys = Set(lines[start..<end].compactMap { KeyLine($0)?.known }.filter(KnownKey.caffe.contains))
      if keys.count > 1 { return ReadmeLayout(form: .bare, lines: start + 1..<end + 1) }
      line = max(end, start + 1)
    }
    return nil
  }

  /// Where keys with their values end; blank lines at the end do not count.
  private static func run(from start: Int, in lines: [String]) -> Int {
    var end = start
    var isAfterBlank = false
    for index in start..<lines.count {
      let line = plain(lines[index])
      guard !line.trimmed.isEmpty else {
        isAfterBlank = true
        continue
      }
      guard continues(line, isAfterBlank: isAfterBlank) else { break }
      isAfterBlank = false
      end = index + 1
    }
    return end
  }

  private static func continues(_ line: String, isAfterBlank: Bool) -> Bool {
    if ConflictMark(line) != nil { return true }
    if let key = KeyLine(line) { return key.known != nil || key.isIdentifier || !isAfterBlank }
    return !isAfterBlank && (line.first == " " || line.first == "\t" || line.hasPrefix("- "))
  }

  private static func isCaffeKey(_ line: String) -> Bool {
    guard let key = KeyLine(plain(line))?.known else { return false }
    return KnownKey.caffe.contains(key)
  }

  private static func isMark(_ line: String) -> Bool { plain(line).trimmed == "---" }

  /// A line without a byte order mark.
  private static func plain(_ line: String) -> String { line.hasPrefix("\u{FEFF}") ? String(line.dropFirst()) : line }
}

/// A line that a merge left behind.
enum ConflictMark: Equatable {
  case ours
  case base
  case theirs
  case end

  init?(_ line: String) {
    if line.hasPrefix("<<<<<<<") {
      self = .ours
    } else if line.hasPrefix("|||||||") {
      self = .base
    } else if line.hasPrefix("=======") {
      self = .theirs
    } else if line.hasPrefix(">>>>>>>") {
      self = .end
    } else {
      return nil
    }
  }
}
