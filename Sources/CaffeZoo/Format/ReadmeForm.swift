import CaffeCore

/// What is wrong with a readme's outer form.
enum ReadmeForm {
  static func missing(_ source: SourceFile) -> Diagnostic {
    Diagnostic(
      "there is no front matter", at: SourceLocation(file: source, offset: 0, length: 1),
      hint: "begin the file with a line ---, then name:, caffemodel:, license: …, then a line ---")
  }

  static func problems(_ layout: ReadmeLayout, of source: SourceFile) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func warn(_ message: String, line: Int, hint: String, severity: Diagnostic.Severity = .warning) {
      found.append(Diagnostic(message, at: source.location(line: line, column: 1), hint: hint, severity: severity))
    }
    if source.bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      warn("the file begins with a byte order mark", line: 1, hint: "save it as UTF-8 without one")
    }
    if String(validating: source.bytes, as: UTF8.self) == nil { warn("the file is not UTF-8", line: 1, hint: "save it as UTF-8") }
    if let line = layout.lines.first(where: { endsInReturn($0, source) }) {
      warn("lines end in CR and LF", line: line, hint: "end them in LF alone")
    }
    switch layout.form {
    case .bare:
      warn(
        "the front matter has no --- lines", line: layout.lines.lowerBound,
        hint: "put it at the file's beginning, between two lines ---")
    case .marked(let opening, nil):
      warn("the front matter is not closed", line: opening, hint: "put a line --- behind its last key", severity: .error)
    case .marked(let opening, _) where opening > 1:
      warn("the front matter begins after other text", line: opening, hint: "put it at the file's beginning")
    case .marked: break
    }
    return found
  }

  private static func endsInReturn(_ line: Int, _ source: SourceFile) -> Bool {
    guard line < source.lineCount else { return false }
    let end = source.start(ofLine: line + 1)
    return end >= 2 && source.bytes[end - 2] == UInt8(ascii: "\r")
  }
}

/// The keys without which a model cannot be published, and what the others must look like.
enum RequiredKeys {
  static func problems(
    _ frontMatter: FrontMatter, _ entries: FrontMatterEntries, _ layout: ReadmeLayout, of source: SourceFile
  ) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func place(_ keys: Set<KnownKey>) -> SourceLocation {
      let entry = entries.entries.first { entry in KnownKey(spelled: entry.key).map(keys.contains) ?? false }
      guard let entry else {
        return source.location(line: max(1, layout.lines.lowerBound - (layout.form == .bare ? 0 : 1)), column: 1)
      }
      return BoundedYAML.location(of: entry.value, in: source, shift: entry.shift)
    }
    func require(_ isThere: Bool, _ key: KnownKey, _ hint: String) {
      guard !isThere else { return }
      // A collection was told already.
      if entries.entries.contains(where: { KnownKey(spelled: $0.key) == key && $0.value.scalar == nil }) { return }
      let isEmpty = entries.entries.contains { KnownKey(spelled: $0.key) == key }
      let message = isEmpty ? "\(key.rawValue) has no value" : "there is no \(key.rawValue)"
      found.append(Diagnostic(message, at: place([key]), hint: hint))
    }
    let hasFault = entries.problems.hasErrors
    require(frontMatter.name != nil || hasFault, .name, "write name: what people call the model")
    let hasFile =
      !frontMatter.weights.isEmpty
      || entries.entries.contains { KnownKey(spelled: $0.key) == .caffemodel && $0.value.scalar?.string.isEmpty == false }
    require(hasFile || hasFault, .caffemodel, "write caffemodel: the file of weights")
    require(frontMatter.license != nil || hasFault, .license, "write license: its SPDX name, such as BSD-2-Clause, or a sentence")
    if let id = frontMatter.gistID, !GistForm.isID(id) {
      found.append(
        Diagnostic(
          "gist_id is 20 or 32 hexadecimal digits; this is \"\(TerminalText.line(id, limit: 80))\"", at: place([.gistID])))
    }
    if let revision = frontMatter.gistRevision, revision.count != 40 || !revision.allSatisfy(\.isHexDigit) {
      let shown = TerminalText.line(revision, limit: 80)
      found.append(Diagnostic("gist_revision has 40 hexadecimal digits; this is \"\(shown)\"", at: place([.gistRevision])))
    }
    return found
  }
}

/// The ids of gists.
enum GistForm {
  /// 20 or 32 hexadecimal digits; the oldest are decimal numbers.
  static func isID(_ text: String) -> Bool {
    guard text.utf8.count == text.count, text.allSatisfy(\.isHexDigit) else { return false }
    return [20, 32].contains(text.count) || text.count < 12 && !text.isEmpty && text.allSatisfy(\.isNumber)
  }
}
