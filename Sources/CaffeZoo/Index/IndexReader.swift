import CaffeCore
import Yams

/// Reads an `index.yaml`. Everything in it is from outside and checked; keys of a newer version are kept.
public struct IndexReader {
  private let report: YAMLFields.Report
  private var index = ZooIndex()

  /// An index, and what is odd but harmless.
  public struct Result: Sendable {
    public let index: ZooIndex
    /// Warnings only.
    public let warnings: Diagnostics
  }

  /// Reads the file.
  ///
  /// - Throws: `Diagnostics` with everything that is wrong, at its place.
  public static func read(_ file: SourceFile) throws(Diagnostics) -> Result {
    var reader = IndexReader(report: YAMLFields.Report(file))
    try refuseLongLines(file)
    let root: Node?
    do { root = try BoundedYAML.node(file, limits: .index) } catch { throw Diagnostics([error]) }
    guard let root else {
      throw Diagnostics([Diagnostic("\(file.name) is empty", hint: "an index begins with format: 1 and title: …")])
    }
    reader.readRoot(root)
    try reader.report.problems.throwIfErrors()
    return Result(index: reader.index, warnings: reader.report.problems)
  }

  /// An index has one key a line; finding the places of a hundred thousand keys in one line takes for ever.
  private static let longestLine = 8 << 10

  private static func refuseLongLines(_ file: SourceFile) throws(Diagnostics) {
    var offset = 0
    for line in file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      guard line.count <= longestLine else {
        let place = SourceLocation(file: file, offset: offset, length: 1)
        throw Diagnostics([Diagnostic("the line has \(line.count) bytes; at most \(longestLine) are read", at: place)])
      }
      offset += line.count + 1
    }
  }

  private init(report: YAMLFields.Report) { self.report = report }

  private mutating func readRoot(_ root: Node) {
    guard var fields = YAMLFields(root, path: "", report: report) else { return }
    let formatNode = fields.node.mapping?["format"]
    guard let format = fields.number("format", in: 1...1_000_000) else {
      if formatNode == nil {
        report.add("format is missing", at: nil, hint: "this program writes format: \(ZooIndex.newestFormat)")
      }
      return
    }
    guard format <= ZooIndex.newestFormat else {
      let newest = "this program reads formats up to \(ZooIndex.newestFormat): update it"
      return report.add("the index has format \(format)", at: formatNode, hint: newest)
    }
    index.format = format
    if let title = fields.text("title") { index.title = title }
    if let models = fields.take("models"), !YAMLFields.isNull(models) { readModels(models) }
    index.others = fields.others(known: ["format", "title", "models"])
  }

  private mutating func readModels(_ node: Node) {
    guard let models = YAMLFields(node, path: "models", report: report) else { return }
    var entries: [IndexEntry] = []
    for (name, keyNode, value) in models.rest {
      guard IndexEntry.isName(name) else {
        report.add("models: \"\(TerminalText.line(name, limit: 80))\" is no model's name", at: keyNode, hint: IndexEntry.nameRule)
        continue
      }
      if let entry = IndexEntry(name: name, value, report) { entries.append(entry) }
    }
    index = ZooIndex(format: index.format, title: index.title, entries: entries)
  }
}

extension YAMLFields {
  /// Whether a key has no value.
  static func isNull(_ node: Node) -> Bool {
    if case .scalar(let scalar) = node { scalar.style == .plain && ["", "~", "null"].contains(scalar.string) } else { false }
  }
}

extension IndexEntry {
  static let keys = ["title", "task", "authors", "license", "summary", "source", "weights", "metrics", "added"]

  fileprivate init?(name: String, _ node: Node, _ report: YAMLFields.Report) {
    guard var fields = YAMLFields(node, path: name, report: report) else { return nil }
    let sourceNode = fields.take("source")
    if sourceNode == nil {
      report.add("\(name): source is missing", at: node, hint: "give a gist with its revision, or an archive with its sha256")
    }
    let source = sourceNode.flatMap { ModelSource($0, path: "\(name): source", report) }
    if fields.node.mapping?["title"] == nil { report.add("\(name): title is missing", at: node) }
    let title = fields.text("title")
    self.init(name: name, title: title ?? "", source: source ?? .bundled(name))
    task = fields.text("task") { IndexValues.fault(inText: $0, limit: 80) }
    authors = fields.texts("authors")
    license = fields.text("license") { IndexValues.fault(inText: $0, limit: 2000) }
    summary = fields.text("summary") { IndexValues.fault(inText: $0, limit: 2000) }
    weights = IndexEntry.weights(fields.take("weights"), path: "\(name): weights", report)
    metrics = IndexEntry.metrics(fields.take("metrics"), path: "\(name): metrics", report)
    added = fields.take("added").flatMap { Addition($0, path: "\(name): added", report) }
    others = fields.others(known: IndexEntry.keys)
    if source == nil || title == nil { return nil }
  }

  private static func weights(_ node: Node?, path: String, _ report: YAMLFields.Report) -> [PublishedWeights] {
    guard let node else { return [] }
    guard case .sequence(let items) = node else {
      report.add("\(path) must be a list", at: node)
      return []
    }
    return items.compactMap { PublishedWeights($0, path: path, report) }
  }

  private static func metrics(_ node: Node?, path: String, _ report: YAMLFields.Report) -> [PublishedMetric] {
    guard let node, let fields = YAMLFields(node, path: path, report: report) else { return [] }
    return fields.rest.compactMap { key, keyNode, value in
      if let fault = IndexValues.fault(inText: key, limit: 80) {
        report.add("\(path): \"\(TerminalText.line(key, limit: 80))\" \(fault)", at: keyNode)
        return nil
      }
      return fields.scalar(value, "\(path): \(key)") { IndexValues.fault(inText: $0) }.map {
        PublishedMetric(name: key, value: $0)
      }
    }
  }
}

extension IndexEntry.Addition {
  fileprivate init?(_ node: Node, path: String, _ report: YAMLFields.Report) {
    guard var fields = YAMLFields(node, path: path, report: report) else { return nil }
    guard let by = fields.text("by"), let on = fields.text("on", IndexValues.fault(inDay:)) else { return nil }
    self.init(by: by, on: on)
  }
}

extension PublishedWeights {
  fileprivate init?(_ node: Node, path: String, _ report: YAMLFields.Report) {
    guard var fields = YAMLFields(node, path: path, report: report) else { return nil }
    guard let fileNode = fields.take("file"), case .scalar(let scalar) = fileNode else {
      report.add("\(path): file is missing", at: node)
      return nil
    }
    do { _ = try FileName(scalar.string, in: "\(path): file") } catch { report.add(error.message, at: fileNode) }
    self.init(file: scalar.string, url: fields.text("url", IndexValues.fault(inURL:)))
    mirrors = fields.texts("mirrors", IndexValues.fault(inURL:))
    sha1 = fields.text("sha1") { IndexValues.fault(inHex: $0, digits: [40]) }?.lowercased()
    sha256 = fields.text("sha256") { IndexValues.fault(inHex: $0, digits: [64]) }?.lowercased()
    size = fields.number("size", in: 0...IndexValues.largestSize)
    for (key, keyNode, _) in fields.rest { report.add("\(path): \(key) is no key of weights", at: keyNode, severity: .warning) }
  }
}

extension ModelSource {
  /// An index names places that others can reach: no directories.
  fileprivate init?(_ node: Node, path: String, _ report: YAMLFields.Report) {
    guard var fields = YAMLFields(node, path: path, report: report) else { return nil }
    if fields.node.mapping?["gist"] != nil {
      guard let gist = GistReference(&fields) else { return nil }
      self = .gist(gist)
    } else if fields.node.mapping?["archive"] != nil {
      let sha256 = fields.text("sha256") { IndexValues.fault(inHex: $0, digits: [64]) }?.lowercased()
      guard let url = fields.text("archive", IndexValues.fault(inURL:)) else { return nil }
      self = .archive(url: url, sha256: sha256)
    } else if fields.node.mapping?["bundled"] != nil {
      guard let name = fields.text("bundled", { IndexEntry.isName($0) ? nil : "is no model's name" }) else { return nil }
      self = .bundled(name)
    } else {
      report.add("\(path) must have the key gist, archive or bundled", at: node)
      return nil
    }
    for (key, keyNode, _) in fields.rest {
      report.add("\(path): \(key) is no key of this source", at: keyNode, severity: .warning)
    }
  }
}

extension GistReference {
  fileprivate init?(_ fields: inout YAMLFields) {
    let owner = fields.text("owner", IndexValues.fault(inOwner:))
    let host = fields.text("host", IndexValues.fault(inHost:))
    let revision = fields.text("revision") { IndexValues.fault(inHex: $0, digits: [40]) }?.lowercased()
    guard let id = fields.text("gist", IndexValues.fault(inGist:)) else { return nil }
    self.init(id: id.lowercased(), owner: owner, revision: revision, host: host)
  }
}
