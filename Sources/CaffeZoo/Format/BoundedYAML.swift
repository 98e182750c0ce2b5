import CaffeCore
import Yams

/// Reads YAML from outside within limits: bytes, depth, nodes; no anchors, aliases, tags, merge keys or keys that are
/// collections. Work grows no faster than the text.
public enum BoundedYAML {
  /// The one document of a text.
  ///
  /// - Returns: nil for a text without a document.
  /// - Throws: a `Diagnostic` at its line and column: what is no YAML, or what the limits refuse.
  public static func node(_ source: SourceFile, limits: YAMLLimits = .frontMatter) throws(Diagnostic) -> Node? {
    guard let text = String(validating: source.bytes, as: UTF8.self) else {
      throw Diagnostic("the text is not UTF-8", at: SourceLocation(file: source, offset: 0, length: 1))
    }
    do throws(Failure) {
      return try node(text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text, of: source, limits: limits)
    } catch { throw error.diagnostic }
  }

  /// Where a node begins.
  public static func location(of node: Node, in source: SourceFile) -> SourceLocation { location(of: node, in: source, shift: 0) }

  /// Where a node begins whose text had `shift` lines before it that were not parsed with it.
  static func location(of node: Node, in source: SourceFile, shift: Int) -> SourceLocation {
    let length = node.scalar.map { max(1, $0.string.utf8.count) } ?? 1
    return source.location(line: (node.mark?.line ?? 1) + shift, column: node.mark?.column ?? 1, length: length)
  }

  /// Why a text was not read.
  enum Failure: Error {
    /// It is no YAML; quotes may help.
    case malformed(Diagnostic)
    /// It is YAML that is not wanted.
    case refused(Diagnostic)

    var diagnostic: Diagnostic {
      switch self {
      case .malformed(let diagnostic), .refused(let diagnostic): diagnostic
      }
    }
  }

  /// The document of some lines of a file.
  ///
  /// - Parameters:
  ///   - text: the lines, perhaps mended.
  ///   - firstLine: which line of the file is the text's first; the nodes' marks count from the text's.
  static func node(_ text: String, of source: SourceFile, firstLine: Int = 1, limits: YAMLLimits) throws(Failure) -> Node? {
    let start = source.location(line: firstLine, column: 1)
    guard text.utf8.count <= limits.bytes else {
      throw .refused(Diagnostic("the YAML has \(text.utf8.count) bytes; at most \(limits.bytes) are read", at: start))
    }
    if let problem = YAMLCharacters.problem(in: text, of: source, firstLine: firstLine) { throw .refused(problem) }
    guard let inert = InertYAML(text) else { throw .refused(Diagnostic("the YAML is full of private characters", at: start)) }
    let root: Node?
    do {
      root = try DeepStack.run(forDepth: inert.text.utf8.count) { try Parser(yaml: inert.text, encoding: .utf8).singleRoot() }
    } catch {
      throw YAMLFailure(source: source, firstLine: firstLine, depth: limits.depth, inert: inert).failure(for: error)
    }
    var walk = YAMLWalk(source: source, shift: firstLine - 1, limits: limits, inert: inert)
    do throws(Diagnostic) { return try root.map { node throws(Diagnostic) in try walk.cleaned(node, depth: 0) } } catch {
      throw .refused(error)
    }
  }
}

extension SourceFile {
  /// A place given by its line and its column, both counted from 1; columns count Unicode scalars, as YAML's marks do.
  func location(line: Int, column: Int, length: Int = 1) -> SourceLocation {
    let line = min(max(line, 1), lineCount)
    let text = self.line(line)
    let before = text.unicodeScalars.prefix(max(0, column - 1)).reduce(0) { $0 + UTF8.width($1) }
    return SourceLocation(file: self, offset: start(ofLine: line) + before, length: max(1, min(length, text.utf8.count - before)))
  }
}
