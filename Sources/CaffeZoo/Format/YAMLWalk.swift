import CaffeCore
import Yams

/// Goes through a document once: counts, refuses, and gives scalars their own characters and places back.
struct YAMLWalk {
  let source: SourceFile
  /// What is added to the marks' lines.
  let shift: Int
  let limits: YAMLLimits
  let inert: InertYAML
  private var count = 0

  init(source: SourceFile, shift: Int, limits: YAMLLimits, inert: InertYAML) {
    self.source = source
    self.shift = shift
    self.limits = limits
    self.inert = inert
  }

  /// The node as it is to be used.
  mutating func cleaned(_ node: Node, depth: Int) throws(Diagnostic) -> Node {
    count += 1
    guard count <= limits.nodes else { throw Diagnostic("the YAML has more than \(limits.nodes) values", at: place(of: node)) }
    guard depth + (node.scalar == nil ? 1 : 0) <= limits.depth else { throw YAMLWalk.tooDeep(limits.depth, at: place(of: node)) }
    switch node {
    case .scalar(let scalar): return .scalar(.init(try text(of: scalar, in: node), .implicit, scalar.style, scalar.mark))
    case .sequence(let items):
      var result: [Node] = []
      for item in items { result.append(try cleaned(item, depth: depth + 1)) }
      return .sequence(.init(result, .implicit, items.style, items.mark))
    case .mapping(let pairs):
      var result: [(Node, Node)] = []
      for (key, value) in pairs { result.append((try self.key(key), try cleaned(value, depth: depth + 1))) }
      return .mapping(.init(result, .implicit, pairs.style, pairs.mark))
    case .alias: throw Diagnostic("aliases (*name) are not read here; write the value out", at: place(of: node))
    }
  }

  /// Counting columns costs the length of the line, so places are found only for what is wrong.
  private func place(of node: Node) -> SourceLocation { BoundedYAML.location(of: node, in: source, shift: shift) }

  static func tooDeep(_ depth: Int, at place: SourceLocation) -> Diagnostic {
    Diagnostic("the YAML has collections more than \(depth) deep", at: place)
  }

  private mutating func key(_ node: Node) throws(Diagnostic) -> Node {
    guard node.scalar != nil else {
      throw Diagnostic("a key is one word here, not a collection", at: place(of: node))
    }
    let key = try cleaned(node, depth: 0)
    if let scalar = key.scalar, scalar.style == .plain, scalar.string == "<<" {
      throw Diagnostic("merge keys (<<) are not read here; write the values out", at: place(of: node))
    }
    return key
  }

  private func text(of scalar: Node.Scalar, in node: Node) throws(Diagnostic) -> String {
    if scalar.style == .plain, let indicator = inert.leadingIndicator(of: scalar.string) {
      throw Diagnostic(
        "\(YAMLWalk.meaning(of: indicator)) are not read here", at: place(of: node),
        hint: "write the value out, or put it in quotes")
    }
    return inert.restored(scalar.string)
  }

  private static func meaning(of indicator: Unicode.Scalar) -> String {
    switch indicator {
    case "&": "anchors (&name)"
    case "*": "aliases (*name)"
    case "!": "tags (!type)"
    default: "keys that are collections (? key)"
    }
  }
}
