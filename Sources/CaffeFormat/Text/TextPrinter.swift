import CaffeCore

/// Writes a message as prototxt, two spaces a level, in the order of its entries.
public struct TextPrinter {
  private var text = ""

  /// The prototxt of a message; parsing it again gives an equal message.
  public static func print(_ message: Message) -> String {
    var printer = TextPrinter()
    printer.fields(message, indent: "")
    return printer.text
  }

  private mutating func fields(_ message: Message, indent: String) {
    for entry in message.entries {
      switch entry.value {
      case .message(let inner):
        text += "\(indent)\(entry.field.name) {\n"
        fields(inner, indent: indent + "  ")
        text += "\(indent)}\n"
      case .numbers(let run):
        for number in run.elements { text += "\(indent)\(entry.field.name): \(number.prototxt(entry.field.kind))\n" }
      default:
        text += "\(indent)\(entry.field.name): \(entry.value.prototxt(entry.field.kind))\n"
      }
    }
  }
}

extension FieldValue {
  /// The value in prototxt spelling; messages become `{ … }` on one line.
  func prototxt(_ kind: FieldKind) -> String {
    switch self {
    case .integer(let value): String(value)
    case .unsigned(let value): String(value)
    case .float(let value): FieldValue.shortest(value.description)
    case .double(let value): FieldValue.shortest(value.description)
    case .bool(let value): value ? "true" : "false"
    case .string(let value): TextEscapes.escape(Array(value.utf8), keepingUnicode: true)
    case .bytes(let value): TextEscapes.escape(value, keepingUnicode: false)
    case .enumeration(let number):
      if case .enumeration(let schema) = kind, let name = schema.name(of: number) { name } else { String(number) }
    case .message(let message): FieldValue.inline(message)
    case .numbers(let run): "[" + run.elements.map { $0.prototxt(kind) }.joined(separator: ", ") + "]"
    }
  }

  private static func inline(_ message: Message) -> String {
    let fields = TextPrinter.print(message).split(separator: "\n").map { $0.drop { $0 == " " } }
    return fields.isEmpty ? "{ }" : "{ \(fields.joined(separator: " ")) }"
  }

  /// `1` rather than `1.0`, as Caffe's files have it.
  private static func shortest(_ description: String) -> String {
    description.hasSuffix(".0") ? String(description.dropLast(2)) : description
  }
}
