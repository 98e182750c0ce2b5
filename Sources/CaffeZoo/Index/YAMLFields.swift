import CaffeCore
import Yams

/// The keys of one YAML mapping, taken one after the other; what is wrong is collected with its place.
struct YAMLFields {
  /// The diagnostics of one file, shared by the mappings in it.
  final class Report {
    let file: SourceFile
    private var found: [Diagnostic] = []

    /// What is wrong, in the order of the file.
    var problems: Diagnostics {
      let sorted = found.enumerated().sorted {
        ($0.element.location?.offset ?? 0, $0.offset) < ($1.element.location?.offset ?? 0, $1.offset)
      }
      return Diagnostics(sorted.map(\.element))
    }

    init(_ file: SourceFile) { self.file = file }

    /// Adds a problem at a node.
    func add(_ message: String, at node: Node?, hint: String? = nil, severity: Diagnostic.Severity = .error) {
      // A file of nonsense does not need a thousand complaints.
      guard found.count < 100 else { return }
      found.append(
        Diagnostic(message, at: node.map { BoundedYAML.location(of: $0, in: file) }, hint: hint, severity: severity))
    }
  }

  /// How messages name the mapping: `models: lenet: source`; empty for the file itself.
  let path: String
  let node: Node
  let report: Report
  private var pairs: [(key: String, keyNode: Node, value: Node)] = []

  /// - Returns: nil, with a problem reported, when the node is no mapping.
  init?(_ node: Node, path: String, report: Report) {
    self.path = path
    self.node = node
    self.report = report
    guard case .mapping(let mapping) = node else {
      report.add("\(path.isEmpty ? "an index" : path) must be keys with values", at: node)
      return nil
    }
    var seen = Set<String>()
    for (keyNode, value) in mapping {
      guard case .scalar(let scalar) = keyNode else {
        report.add("\(title("a key")) must be a word", at: keyNode)
        continue
      }
      guard seen.insert(scalar.string).inserted else {
        report.add("\(title(TerminalText.line(scalar.string, limit: 80))) is given twice", at: keyNode)
        continue
      }
      pairs.append((scalar.string, keyNode, value))
    }
  }

  /// `models: lenet: title`.
  func title(_ key: String) -> String { path.isEmpty ? key : "\(path): \(key)" }

  /// The keys that are left, with their values, in the file's order.
  var rest: [(key: String, keyNode: Node, value: Node)] { pairs }

  /// Takes a key's value out.
  mutating func take(_ key: String) -> Node? {
    pairs.firstIndex { $0.key == key }.map { pairs.remove(at: $0).value }
  }

  /// Takes a text out; nil where the key is missing or wrong.
  mutating func text(_ key: String, _ fault: (String) -> String? = { IndexValues.fault(inText: $0) }) -> String? {
    take(key).flatMap { scalar($0, title(key), fault) }
  }

  /// Takes a list of texts out; a single text is a list of one.
  mutating func texts(_ key: String, _ fault: (String) -> String? = { IndexValues.fault(inText: $0) }) -> [String] {
    guard let node = take(key) else { return [] }
    guard case .sequence(let items) = node else { return scalar(node, title(key), fault).map { [$0] } ?? [] }
    return items.compactMap { scalar($0, title(key), fault) }
  }

  /// A node as text.
  func scalar(_ node: Node, _ title: String, _ fault: (String) -> String?) -> String? {
    guard case .scalar(let scalar) = node else {
      report.add("\(title) must be a text", at: node)
      return nil
    }
    guard let fault = fault(scalar.string) else { return scalar.string }
    report.add("\(title): \"\(TerminalText.line(scalar.string, limit: 80))\" \(fault)", at: node)
    return nil
  }

  /// Takes a whole number out.
  mutating func number(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let node = take(key) else { return nil }
    if case .scalar(let scalar) = node, let number = Int(scalar.string), range.contains(number) { return number }
    report.add("\(title(key)) must be a whole number from \(range.lowerBound) to \(range.upperBound)", at: node)
    return nil
  }

  /// The keys nobody took: kept, and pointed at where a known key was probably meant.
  mutating func others(known: [String]) -> [OtherKey] {
    pairs.compactMap { key, keyNode, value in
      guard IndexValues.fault(inText: key, limit: 80) == nil else {
        report.add("\(title("a key")) \"\(TerminalText.line(key, limit: 80))\" cannot be kept", at: keyNode)
        return nil
      }
      if let near = nearest(to: key, among: known) {
        report.add("\(title(key)) is no key of an index", at: keyNode, hint: "nearest key: \(near)", severity: .warning)
      }
      return OtherKey(key: key, value: YAMLText.line(value))
    }
  }
}
