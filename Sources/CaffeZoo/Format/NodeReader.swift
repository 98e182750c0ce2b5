import CaffeCore
import Yams

/// Takes values out of YAML nodes and collects what is odd about them.
struct NodeReader {
  let source: SourceFile
  private(set) var problems = Diagnostics()
  /// What is added to the lines of the nodes' marks.
  var shift = 0

  init(_ source: SourceFile) { self.source = source }

  mutating func fail(_ message: String, at node: Node, hint: String? = nil) { add(message, node, hint, .error) }
  mutating func tolerate(_ message: String, at node: Node, hint: String? = nil) { add(message, node, hint, .warning) }

  mutating func fail(_ message: String, at place: SourceLocation, hint: String? = nil) {
    report(Diagnostic(message, at: place, hint: hint))
  }

  mutating func tolerate(_ message: String, at place: SourceLocation, hint: String? = nil) {
    report(Diagnostic(message, at: place, hint: hint, severity: .warning))
  }

  private mutating func add(_ message: String, _ node: Node, _ hint: String?, _ severity: Diagnostic.Severity) {
    report(Diagnostic(message, at: place(of: node), hint: hint, severity: severity))
  }

  /// Where a node begins.
  func place(of node: Node) -> SourceLocation { BoundedYAML.location(of: node, in: source, shift: shift) }

  mutating func report(_ problem: Diagnostic) { problems.append(problem) }
  mutating func report(_ other: Diagnostics) { problems.append(contentsOf: other) }

  /// A scalar's text, without blanks around it unless it has quotes; nil for nothing.
  func text(_ node: Node) -> String? {
    guard let scalar = node.scalar else { return nil }
    let text = scalar.string.trimmed
    if text.isEmpty || scalar.style == .plain && ["~", "null", "Null", "NULL"].contains(text) { return nil }
    return scalar.style == .doubleQuoted || scalar.style == .singleQuoted ? scalar.string : text
  }

  /// A scalar's text; anything else is a mistake.
  mutating func text(_ node: Node, of key: String) -> String? {
    if node.scalar == nil { fail("\(key) is one value, not a collection", at: node) }
    return text(node)
  }

  /// The texts of a list; a scalar is a list of one.
  mutating func texts(_ node: Node, of key: String) -> [(text: String, node: Node)] {
    guard let items = node.sequence else { return text(node, of: key).map { [($0, node)] } ?? [] }
    return items.compactMap { item in text(item, of: key).map { ($0, item) } }
  }

  /// A finite number.
  mutating func number(_ node: Node, of key: String) -> Float? {
    guard let text = text(node, of: key) else { return nil }
    if let number = Float(text), number.isFinite { return number }
    fail("\(key) is a number, not \"\(TerminalText.line(text, limit: 40))\"", at: node)
    return nil
  }

  /// A whole number above 0.
  mutating func count(_ node: Node, of key: String) -> Int? {
    guard let text = text(node, of: key) else { return nil }
    return count(text, at: place(of: node), of: key)
  }

  mutating func count(_ text: String, at place: SourceLocation, of key: String) -> Int? {
    if let number = Int(text), number > 0 { return number }
    fail("\(key) is a whole number above 0, not \"\(TerminalText.line(text, limit: 40))\"", at: place)
    return nil
  }

  /// The pairs of a mapping with keys that are text; anything else is a mistake.
  mutating func pairs(_ node: Node, of key: String, form: String) -> [(key: String, node: Node, value: Node)] {
    guard let mapping = node.mapping else {
      if text(node) != nil || node.sequence != nil { fail("\(key) is written as \(form)", at: node) }
      return []
    }
    return mapping.map { ($0.key.scalar?.string ?? "", $0.key, $0.value) }
  }
}
