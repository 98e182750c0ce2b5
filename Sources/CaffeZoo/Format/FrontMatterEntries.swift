import CaffeCore
import Yams

/// A key of the front matter with its value.
struct FrontMatterEntry {
  /// As it is written.
  let key: String
  let value: Node
  /// What is added to the lines of the value's marks.
  let shift: Int
  /// The line of the key, counted from 1.
  let line: Int
  /// What stands behind the colon on the key's line.
  let raw: String
}

/// The keys of the front matter in the order of the file; one that is repeated is there as often as it is repeated.
///
/// The whole is parsed as YAML first. When it is none, each key's lines are parsed by themselves, and a value that is no
/// YAML is parsed again in quotes, so that one slip spoils nothing else.
struct FrontMatterEntries {
  private(set) var entries: [FrontMatterEntry] = []
  private(set) var problems = Diagnostics()
  private let source: SourceFile
  private let lines: [String]
  private let firstLine: Int

  init(_ lines: [String], firstLine: Int, of source: SourceFile) {
    self.source = source
    self.lines = lines
    self.firstLine = firstLine
    let text = lines.joined(separator: "\n")
    guard text.utf8.count <= YAMLLimits.frontMatter.bytes else {
      let message = "the front matter has \(text.utf8.count) bytes; at most \(YAMLLimits.frontMatter.bytes) are read"
      problems.append(Diagnostic(message, at: source.location(line: firstLine, column: 1)))
      return
    }
    guard !lines.allSatisfy({ $0.trimmed.isEmpty }) else { return }
    do throws(BoundedYAML.Failure) {
      let root = try BoundedYAML.node(text, of: source, firstLine: firstLine, limits: .frontMatter)
      if let pairs = root?.mapping {
        entries = pairs.map { entry($0.key, $0.value) }
        return
      }
    } catch .refused(let problem) { problems.append(problem) } catch {}
    readEach()
  }

  private func entry(_ key: Node, _ value: Node) -> FrontMatterEntry {
    let line = firstLine - 1 + (key.mark?.line ?? 1)
    let raw = content(ofLine: line).split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first
    return FrontMatterEntry(
      key: key.scalar?.string ?? "", value: value, shift: firstLine - 1, line: line, raw: raw?.trimmed ?? "")
  }

  private func content(ofLine line: Int) -> String { lines.indices.contains(line - firstLine) ? lines[line - firstLine] : "" }

  // MARK: Key by key

  private mutating func readEach() {
    let end = firstLine + lines.count
    var number = firstLine
    while number < end, !startsKeys(number) {
      leaveOut(number)
      number += 1
    }
    let margin = KeyLine(content(ofLine: number))?.indentation ?? 0
    while number < end, let key = KeyLine(content(ofLine: number)) {
      var next = number + 1
      while next < end, !startsKey(next, margin, after: key) { next += 1 }
      read(key, number..<next)
      number = next
    }
  }

  private func startsKeys(_ line: Int) -> Bool {
    guard let key = KeyLine(content(ofLine: line)), !key.isDecorated else { return false }
    return key.indentation == 0 || key.known != nil
  }

  private func startsKey(_ line: Int, _ margin: Int, after key: KeyLine) -> Bool {
    guard let next = KeyLine(content(ofLine: line)), !next.isDecorated else { return false }
    if next.indentation <= margin { return true }
    // One that slipped to the right, below a key that has its value already.
    return next.indentation < 4 && !key.value.isEmpty && next.known.map(KnownKey.caffe.contains) == true
  }

  private mutating func leaveOut(_ line: Int) {
    let words = content(ofLine: line).trimmed
    guard !words.isEmpty, !words.hasPrefix("#") else { return }
    problems.append(
      Diagnostic("this line is no `key: value`; it is left out", at: source.location(line: line, column: 1), severity: .warning))
  }

  private mutating func read(_ key: KeyLine, _ range: Range<Int>) {
    var own = range.map { content(ofLine: $0) }
    own[0] = "\(String(repeating: " ", count: key.keyColumn))\(key.key): \(key.value)"
    let pad = key.keyColumn
    let text = own.map { $0.prefix(pad).allSatisfy { $0 == " " } ? String($0.dropFirst(pad)) : $0 }.joined(separator: "\n")
    do throws(BoundedYAML.Failure) {
      let node = try BoundedYAML.node(text, of: source, firstLine: range.lowerBound, limits: .frontMatter)
      guard let pair = node?.mapping?.first, node?.mapping?.count == 1 else { return quote(key, own, range.lowerBound) }
      add(key, pair.value, range.lowerBound)
    } catch .refused(let problem) {
      if !problems.contains(where: { $0.description == problem.description }) { problems.append(problem) }
    } catch { quote(key, own, range.lowerBound) }
  }

  private mutating func add(_ key: KeyLine, _ value: Node, _ line: Int) {
    entries.append(FrontMatterEntry(key: key.key, value: value, shift: line - 1, line: line, raw: key.value))
  }

  /// The value once more, in quotes.
  private mutating func quote(_ key: KeyLine, _ lines: [String], _ line: Int) {
    let text = ([key.value] + lines.dropFirst().map(\.trimmed)).filter { !$0.isEmpty }.joined(separator: " ")
    let quoted = "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''"))'"
    let column = key.keyColumn + key.key.count + 3
    let place = source.location(line: line, column: column, length: max(1, key.value.utf8.count))
    let node = try? BoundedYAML.node("\(key.key): \(quoted)", of: source, firstLine: line, limits: .frontMatter)
    guard let value = node?.mapping?.first?.value else {
      return problems.append(Diagnostic("the value of \(key.key) cannot be read", at: place))
    }
    problems.append(
      Diagnostic(
        "the value of \(key.key) is no YAML as it stands; it is read as text", at: place,
        hint: "write \(key.key): \(YAMLText.scalar(text))", severity: .warning))
    add(key, value, line)
  }
}
