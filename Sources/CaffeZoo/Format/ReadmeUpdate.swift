import CaffeCore

extension Readme {
  /// The readme's text with keys of its front matter set, replaced or (nil) removed, and every other byte as it was.
  ///
  /// A readme whose front matter has not both its `---` lines, or several keys on a line, gets a strict one in front; what it had stays in the text.
  /// Bytes that are no UTF-8 come out as U+FFFD.
  public func updating(_ changes: [(key: String, value: String?)]) -> String {
    guard let layout, isEditable else { return prefixed(changes) }
    var lines = (1...source.lineCount).map { rawLine($0) }
    let end = lines[layout.lines.upperBound - 2].hasSuffix("\r\n") ? "\r\n" : "\n"
    var added = ""
    for (key, value) in changes {
      let text = value.map { "\(YAMLText.scalar(key)): \(YAMLText.scalar($0))\(end)" }
      let places = keys.indices.filter { isSame(keys[$0].key, key) }
      for index in places { for line in extent(of: index, in: layout) { lines[line - 1] = "" } }
      if let first = places.first { lines[keys[first].line - 1] = text ?? "" } else { added += text ?? "" }
    }
    lines[layout.lines.upperBound - 1] = added + lines[layout.lines.upperBound - 1]
    return lines.joined()
  }

  private func isSame(_ written: String, _ key: String) -> Bool {
    written == key || KnownKey(spelled: written).map { $0 == KnownKey(rawValue: key) } ?? false
  }

  /// A key's lines: up to the next key, without blank lines, comments and marks of a merge before that.
  private func extent(of index: Int, in layout: ReadmeLayout) -> Range<Int> {
    let start = keys[index].line
    let next = keys.map(\.line).filter { $0 > start }.min() ?? layout.lines.upperBound
    var end = next
    while end > start + 1, isApart(source.line(end - 1)) { end -= 1 }
    return start..<max(end, start + 1)
  }

  private func isApart(_ line: String) -> Bool {
    let text = line.trimmed
    return text.isEmpty || line.hasPrefix("#") || ConflictMark(line) != nil
  }

  /// The line with its end.
  private func rawLine(_ number: Int) -> String {
    let end = number < source.lineCount ? source.start(ofLine: number + 1) : source.bytes.count
    return String(decoding: source.bytes[source.start(ofLine: number)..<end], as: UTF8.self)
  }

  private func prefixed(_ changes: [(key: String, value: String?)]) -> String {
    var strict = frontMatter
    for (key, value) in changes { strict.set(key, value) }
    let text = String(decoding: source.bytes, as: UTF8.self)
    return strict.yaml + "\n" + (text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text)
  }
}

extension FrontMatter {
  /// Sets a key that has one word as its value.
  mutating func set(_ key: String, _ value: String?) {
    switch KnownKey(rawValue: key) {
    case .name: name = value
    case .task: task = value
    case .license: license = value
    case .caffeCommit: caffeCommit = value
    case .caffeVersion: caffeVersion = value
    case .gistID: gistID = value
    case .gistRevision: gistRevision = value
    case .labels: labels = value
    case .caffemodelURL where !weights.isEmpty: weights[0].url = value
    case .sha1 where !weights.isEmpty: weights[0].sha1 = value
    case .sha256 where !weights.isEmpty: weights[0].sha256 = value
    case .size where !weights.isEmpty: weights[0].size = value.flatMap { Int($0) }
    default:
      others.removeAll { $0.key == key }
      if let value { others.append(OtherKey(key: key, value: value)) }
    }
  }
}
