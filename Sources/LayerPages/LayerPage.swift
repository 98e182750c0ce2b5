import CaffeFormat
import CaffeGraph

/// The reference page of a layer.
struct LayerPage {
  let facts: LayerFacts
  /// The Swift type of the layer.
  let source: SwiftDeclaration
  let comments: SourceComments
  let shared: SharedMessages
  let registry: LayerRegistry
  /// The comment on the layer.
  let comment: DocComment

  /// - Returns: nil when the layer's type is not in the sources.
  init?(_ facts: LayerFacts, comments: SourceComments, shared: SharedMessages, registry: LayerRegistry) {
    guard let source = comments.type(facts.swiftName) else { return nil }
    self.facts = facts
    self.source = source
    self.comments = comments
    self.shared = shared
    self.registry = registry
    comment = DocComment(source.comment)
  }

  var fileName: String { "\(facts.type).md" }

  /// The folder the layer lies in.
  var group: String {
    let parts = source.file.split(separator: "/")
    return parts.count > 2 ? String(parts[parts.count - 2]) : ""
  }

  /// What the layer computes, in one sentence.
  var summary: String {
    let text = comment.paragraphs.first ?? ""
    let end = text.ranges(of: #/\. (?=\p{Lu})/#).first { !text[..<$0.lowerBound].hasSuffix("al") }
    return String(end.map { text[..<$0.lowerBound] + "." } ?? text[...])
  }

  /// The page's text.
  ///
  /// - Throws: `LayerExample.Mistake` or `Diagnostics` when an example is wrong.
  func text() throws -> String {
    let sections = [
      ("Shapes", blobs + paragraphs(comments.member("signature", of: source))),
      ("Gradient", gradient),
      ("Parameters", parameters),
      (comment.examples.count > 1 ? "Examples" : "Example", try examples()),
      ("Differences", LayerPage.list(comment.differences)),
      ("Dialects", LayerPage.list(comment.dialects)),
    ]
    let title = PageSet.mark(source.file) + "# \(facts.type)\n\n" + paragraphs(comment)
    return title + sections.filter { !$0.1.isEmpty }.map { "\n## \($0.0)\n\n\($0.1)" }.joined() + "\n" + links
  }

  private func paragraphs(_ comment: DocComment?) -> String {
    (comment?.paragraphs ?? []).joined(separator: "\n\n") + "\n"
  }

  private var blobs: String {
    "Bottoms: \(LayerPage.count(facts.bottoms)). Tops: \(LayerPage.count(facts.tops)).\n\n"
  }

  private static func count(_ range: ClosedRange<Int>) -> String {
    if range.upperBound == Int.max { return "\(range.lowerBound) or more" }
    if range.count == 1 { return range.upperBound == 0 ? "none" : "\(range.upperBound)" }
    return "\(range.lowerBound) \(range.count == 2 ? "or" : "to") \(range.upperBound)"
  }

  private var gradient: String {
    guard let backward = comments.member("backward", of: source) else { return "No gradient.\n" }
    return paragraphs(backward)
  }

  private var parameters: String {
    let others = shared.alsoRead(by: self).map { "See also \($0).\n" }.joined(separator: "\n")
    guard let field = facts.field else { return "None of its own.\n" + (others.isEmpty ? "" : "\n" + others) }
    let old = field.v1Number.map { ", \($0) of V1LayerParameter" } ?? ""
    let text = "`\(field.name) { … }`: field \(field.number) of LayerParameter\(old).\n\n" + table(field.schema)
    let inner = field.schema.withMessagesInside.dropFirst().filter { !shared.names.contains($0.name) }
    let sections = inner.map { "\n### \($0.name)\n\n\(shared.introduction($0))\(table($0))" }
    return text + sections.joined() + (others.isEmpty ? "" : "\n" + others)
  }

  private func table(_ schema: MessageSchema) -> String {
    FieldTable(schema: schema, comments: comments, shared: shared.names, sharedPage: SharedMessages.fileName).text
  }

  private func examples() throws -> String {
    try comment.examples.map { text in
      let shapes = try ExampleShapes(try LayerExample(text), registry: registry).sentence
      return "```prototxt\n\(text)```\n" + (shapes.map { "\n\($0)\n" } ?? "")
    }.joined(separator: "\n")
  }

  private static func list(_ items: [String]) -> String { items.map { "- \(sentence($0))\n" }.joined() }

  /// Behind its mark a sentence may begin small; in a list it does not.
  private static func sentence(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst() }

  private var links: String {
    "Source: [\(source.file)](../../Sources/\(source.file)). [All layers](\(PageIndex.fileName)).\n"
  }

  /// What the sources do not say and the page should: nothing for a page that is complete.
  var gaps: [String] {
    let backward = comments.member("backward", of: source)
    let isSaid = [
      ("what the layer computes", !comment.paragraphs.isEmpty),
      ("its shapes (above signature)", comments.member("signature", of: source)?.paragraphs.isEmpty == false),
      ("its gradient (above backward)", backward?.paragraphs.isEmpty != true),
      ("an example", !comment.examples.isEmpty),
    ]
    return isSaid.filter { !$0.1 }.map(\.0)
  }
}
