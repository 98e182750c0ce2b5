import CaffeCore
import Yams

/// Makes front matter of its keys.
struct FrontMatterReader {
  private(set) var frontMatter = FrontMatter()
  private(set) var reader: NodeReader
  private var weights: WeightsReader
  /// The keys read so far, to notice repeated ones.
  private var seen: Set<KnownKey> = []
  private var others: Set<String> = []

  init(_ entries: FrontMatterEntries, of source: SourceFile) {
    reader = NodeReader(source)
    reader.report(entries.problems)
    weights = WeightsReader()
    for entry in entries.entries {
      reader.shift = entry.shift
      read(entry)
    }
    frontMatter.weights = weights.finish(&reader)
  }

  private mutating func read(_ entry: FrontMatterEntry) {
    if let key = KnownKey(spelled: entry.key) {
      checkSpelling(entry, key)
      if KnownKey.ofWeights.contains(key) { return weights.read(key, suffix: nil, entry, &reader) }
      if !seen.insert(key).inserted { tolerate("\(key.rawValue) stands here again; this one counts", entry, "keep one") }
      return read(entry, as: key)
    }
    if let (key, suffix) = KnownKey.numbered(entry.key) {
      return weights.read(key, suffix: suffix, entry, &reader)
    }
    readOther(entry)
  }

  private mutating func tolerate(_ message: String, _ entry: FrontMatterEntry, _ hint: String?) {
    let column = KeyLine(reader.source.line(entry.line)).map { $0.keyColumn + 1 } ?? 1
    let place = reader.source.location(line: entry.line, column: column, length: entry.key.utf8.count)
    reader.report(Diagnostic(message, at: place, hint: hint, severity: .warning))
  }

  private mutating func checkSpelling(_ entry: FrontMatterEntry, _ key: KnownKey) {
    guard entry.key != key.rawValue else { return }
    tolerate("the key \"\(entry.key)\" is read as \(key.rawValue)", entry, "write \(key.rawValue)")
  }

  private mutating func read(_ entry: FrontMatterEntry, as key: KnownKey) {
    switch key {
    case .name: frontMatter.name = words(entry)
    case .license: frontMatter.license = words(entry)
    case .task: frontMatter.task = reader.text(entry.value, of: "task")
    case .authors: frontMatter.authors = reader.texts(entry.value, of: "authors").map(\.text)
    case .caffeCommit: frontMatter.caffeCommit = reader.text(entry.value, of: "caffe_commit")
    case .caffeVersion: frontMatter.caffeVersion = words(entry)
    case .gistID: frontMatter.gistID = reader.text(entry.value, of: "gist_id")
    case .gistRevision: frontMatter.gistRevision = reader.text(entry.value, of: "gist_revision")
    case .labels: frontMatter.labels = reader.text(entry.value, of: "labels")
    case .preprocessing: frontMatter.preprocessing = PreprocessingReader.read(entry.value, &reader)
    case .metrics: frontMatter.metrics = MetricsReader.read(entry.value, &reader)
    case .verify: frontMatter.verify = VerifyReader.read(entry.value, &reader)
    case .moreWeights: weights.readMore(entry.value, &reader)
    case .caffemodel, .caffemodelURL, .mirrors, .sha1, .sha256, .size: break  // read with the weights
    }
  }

  /// Free text: a ` #` in it was meant, though to YAML it begins a comment.
  private mutating func words(_ entry: FrontMatterEntry) -> String? {
    let text = reader.text(entry.value, of: entry.key)
    guard let scalar = entry.value.scalar, scalar.style == .plain, let text, entry.raw.hasPrefix("\(text) ") else { return text }
    let rest = entry.raw.dropFirst(text.count).trimmed
    guard rest.hasPrefix("#") else { return text }
    reader.tolerate(
      "\" #\" begins a comment in YAML; the whole line is read", at: entry.value,
      hint: "write \(entry.key): \(YAMLText.scalar(entry.raw))")
    return entry.raw
  }

  private mutating func readOther(_ entry: FrontMatterEntry) {
    if let meant = nearest(to: entry.key, among: KnownKey.allCases.map(\.rawValue)) {
      tolerate("there is no key \"\(entry.key)\"; it is kept as it is", entry, "did you mean \(meant)?")
    }
    if !others.insert(entry.key).inserted {
      tolerate("\(entry.key) stands here again; this one counts", entry, "keep one")
      frontMatter.others.removeAll { $0.key == entry.key }
    }
    frontMatter.others.append(OtherKey(key: entry.key, value: OtherValue.text(of: entry.value)))
  }
}

/// The value of a key that is none of the format's, as text and back.
enum OtherValue {
  /// A scalar as it stands, anything else as YAML.
  static func text(of node: Node) -> String {
    if let scalar = node.scalar { return scalar.string }
    return lines(of: node).joined(separator: "\n")
  }

  private static func lines(of node: Node) -> [String] {
    switch node {
    case .scalar(let scalar): [scalar.style == .plain ? plain(scalar.string) : YAMLText.scalar(scalar.string)]
    case .sequence(let items) where items.isEmpty: ["[]"]
    case .sequence(let items): items.flatMap { YAMLText.item(lines(of: $0)) }
    case .mapping(let pairs) where pairs.isEmpty: ["{}"]
    case .mapping(let pairs): pairs.flatMap { lines(ofKey: $0.key.scalar?.string ?? "", $0.value) }
    case .alias: []
    }
  }

  private static func plain(_ text: String) -> String {
    text.contains("\n") || text.isEmpty ? YAMLText.scalar(text) : YAMLText.isOtherThanString(text) ? text : YAMLText.scalar(text)
  }

  private static func lines(ofKey key: String, _ value: Node) -> [String] {
    let own = lines(of: value)
    let isShort = value.scalar != nil || own.first == "[]" || own.first == "{}"
    return isShort ? ["\(YAMLText.scalar(key)): \(own[0])"] : ["\(YAMLText.scalar(key)):"] + YAMLText.nested(own)
  }

  /// The lines behind the key: the text as YAML where it is what `text(of:)` made of a collection.
  static func lines(ofKey key: String, text: String) -> [String] {
    let word = YAMLText.scalar(key)
    let source = SourceFile(name: key, text: text)
    if let node = try? BoundedYAML.node(source), node.scalar == nil, self.text(of: node) == text {
      return text == "[]" || text == "{}" ? ["\(word): \(text)"] : ["\(word):"] + YAMLText.nested(lines(of: node))
    }
    return ["\(word): \(YAMLText.scalar(text))"]
  }
}
