import CaffeFormat

/// The fields of a message as a table.
struct FieldTable {
  let schema: MessageSchema
  let comments: SourceComments
  /// Messages that have a section on the page of messages; others are shown where they are used.
  let shared: Set<String>
  /// The page that has the sections of shared messages; empty for that page itself.
  let sharedPage: String

  /// The table's lines.
  var text: String {
    let owner = comments.message(named: schema.name)
    let rows = schema.fields.map { field in
      "| `\(field.name)` | \(type(field)) | \(standard(field)) | \(FieldTable.cell(meaning(field, owner))) |\n"
    }
    return "| field | type | default | meaning |\n|---|---|---|---|\n" + rows.joined()
  }

  private func type(_ field: FieldSchema) -> String {
    let repeated = field.isRepeated ? "repeated " : ""
    switch field.kind {
    case .enumeration(let schema): return repeated + schema.cases.map { "`\($0.name)`" }.joined(separator: ", ")
    case .message(let schema):
      return repeated + "[\(schema.name)](\(shared.contains(schema.name) ? sharedPage : "")#\(schema.name.lowercased()))"
    default: return repeated + field.kind.protoName
    }
  }

  private func standard(_ field: FieldSchema) -> String {
    if case .message = field.kind { return "" }
    return field.defaultText.map { "`\($0)`" } ?? ""
  }

  private func meaning(_ field: FieldSchema, _ owner: SwiftDeclaration?) -> String {
    if let ignored = field.ignored { return "read, not acted upon: \(ignored)" }
    let own = owner.flatMap { comments.property(ofField: field.name, in: $0)?.text } ?? ""
    switch field.kind {
    case .enumeration(let schema):
      let type = comments.enumeration(named: schema.name, of: owner)
      let cases = type.map { type in schema.cases.compactMap { enumCase($0.name, of: type) } } ?? []
      return ([own.isEmpty ? type.map { DocComment($0.comment).text } ?? "" : own] + cases).joined(separator: " ")
    case .message(let schema):
      return own.isEmpty ? comments.message(named: schema.name).map { DocComment($0.comment).text } ?? "" : own
    default: return own
    }
  }

  private func enumCase(_ name: String, of type: SwiftDeclaration) -> String? {
    guard let text = comments.enumCase(name, of: type)?.text, !text.isEmpty else { return nil }
    return "`\(name)`: \(text)"
  }

  private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}

extension MessageSchema {
  /// This message and those in its fields, each once, in the order they are met.
  var withMessagesInside: [MessageSchema] {
    var found: [MessageSchema] = [self]
    var next = 0
    while next < found.count {
      for case .message(let inner) in found[next].fields.map(\.kind) where !found.contains(where: { $0 === inner }) {
        found.append(inner)
      }
      next += 1
    }
    return found
  }
}
