import CaffeCore

/// Writes schemas as a proto2 file, for other tools that read Caffe's files and for `protoc`.
public enum ProtoPrinter {
  /// The .proto text of the given messages and of all that they hold.
  ///
  /// Enums stand inside each message that uses them, so that their cases cannot collide.
  public static func print(_ roots: MessageSchema...) -> String {
    var seen = Set<String>()
    var queue = roots[...]
    var text = "syntax = \"proto2\";\n\npackage caffe;\n"
    while let schema = queue.popFirst() {
      guard seen.insert(schema.name).inserted else { continue }
      text += "\n" + message(schema)
      for case .message(let inner) in schema.fields.map(\.kind) { queue.append(inner) }
    }
    return text
  }

  private static func message(_ schema: MessageSchema) -> String {
    let enums = schema.fields.reduce(into: [String: EnumSchema]()) { result, field in
      if case .enumeration(let schema) = field.kind { result[schema.name] = schema }
    }
    let blocks = enums.values.sorted { $0.name < $1.name }.map(enumeration)
    return "message \(schema.name) {\n\((blocks + schema.fields.map(field)).joined())}\n"
  }

  private static func enumeration(_ schema: EnumSchema) -> String {
    "  enum \(schema.name) {\n" + schema.cases.map { "    \($0.name) = \($0.number);\n" }.joined() + "  }\n"
  }

  private static func field(_ field: FieldSchema) -> String {
    var options: [String] = []
    if let text = field.defaultText, !field.isMessage { options.append("default = \(text)") }
    if field.isPacked { options.append("packed = true") }
    let suffix = options.isEmpty ? "" : " [\(options.joined(separator: ", "))]"
    return "  \(field.isRepeated ? "repeated" : "optional") \(field.kind.protoName) \(field.name) = \(field.number)\(suffix);\n"
  }
}
