import CaffeFormat
import CaffeGraph

/// The messages that are no layer's own: fillers, shapes, and what LayerParameter holds for several layers.
struct SharedMessages {
  static let fileName = "messages.md"

  /// Sorted by name.
  let schemas: [MessageSchema]
  private let layer: MessageSchema
  private let comments: SourceComments
  /// For each field of LayerParameter, the pages of the layers whose parameters it holds.
  private let owners: [String: [String]]

  /// Fields of LayerParameter that layers of several kinds read.
  private static let roots = ["transform_param", "loss_param"]
  /// Where messages are declared that are no layer's own.
  private static let folder = "CaffeFormat/"

  init(_ facts: [LayerFacts], registry: LayerRegistry, comments: SourceComments) {
    layer = registry.schema.layer
    self.comments = comments
    owners = facts.reduce(into: [:]) { result, facts in
      if let field = facts.field { result[field.name, default: []].append(facts.type) }
    }
    let roots = SharedMessages.roots.compactMap { registry.schema.layer.field(named: $0) }.map(\.kind)
    let own = facts.compactMap { $0.field?.schema }
    let all = (own + roots.compactMap { if case .message(let schema) = $0 { schema } else { nil } }).flatMap(\.withMessagesInside)
    let found = Dictionary(all.map { ($0.name, $0) }) { first, _ in first }
    schemas = found.values.filter { comments.message(named: $0.name)?.file.hasPrefix(SharedMessages.folder) ?? false }
      .sorted { $0.name < $1.name }
  }

  var names: Set<String> { Set(schemas.map(\.name)) }

  /// What a message is for, as a paragraph.
  func introduction(_ schema: MessageSchema) -> String {
    let text = comments.message(named: schema.name).map { DocComment($0.comment).paragraphs } ?? []
    return text.map { "\($0)\n\n" }.joined()
  }

  /// Links to the fields of LayerParameter beside its own that a layer's comment speaks of.
  func alsoRead(by page: LayerPage) -> [String] {
    let text = (page.comment.paragraphs + page.comment.differences).joined(separator: "\n")
    let examples = page.comment.examples.joined()
    return layer.fields.filter { $0.name != page.facts.field?.name }.compactMap { field in
      guard case .message(let schema) = field.kind else { return nil }
      guard text.contains("`\(field.name)`") || examples.contains(" \(field.name) {") else { return nil }
      if names.contains(schema.name) { return "[`\(field.name)`](\(SharedMessages.fileName)#\(schema.name.lowercased()))" }
      return owners[field.name]?.first.map { "[`\(field.name)`](\($0).md#parameters)" }
    }
  }

  /// The page of these messages.
  var text: String {
    let sections = schemas.map { schema in
      "\n## \(schema.name)\n\n\(introduction(schema))"
        + FieldTable(schema: schema, comments: comments, shared: names, sharedPage: "").text
    }
    return PageSet.mark("CaffeFormat/Messages") + """
      # Messages that layers share

      What stands in the parameters of several layers, or beside them in a layer. [All layers](README.md).

      """ + sections.joined()
  }
}
