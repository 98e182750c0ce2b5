import CaffeCore
import CaffeFormat

/// A message with a field of every kind, for tests of the formats alone.
enum Everything {
  static let color = EnumSchema("Color", [("RED", 0), ("GREEN", 1), ("DEEP_BLUE", -7)])

  static let inner = MessageSchema(
    "Inner",
    [
      FieldSchema("x", 1, .int32), FieldSchema("label", 2, .string, repeated: true),
      FieldSchema("weight", 3, .float, repeated: true, packed: true),
    ])

  static let schema = MessageSchema(
    "Everything",
    [
      FieldSchema("i", 1, .int32), FieldSchema("l", 2, .int64), FieldSchema("u", 3, .uint32), FieldSchema("v", 4, .uint64),
      FieldSchema("f", 5, .float), FieldSchema("d", 6, .double), FieldSchema("b", 7, .bool), FieldSchema("s", 8, .string),
      FieldSchema("y", 9, .bytes), FieldSchema("e", 10, .enumeration(color)), FieldSchema("m", 11, .message(inner)),
      FieldSchema("is", 12, .int32, repeated: true), FieldSchema("fs", 13, .float, repeated: true),
      FieldSchema("ds", 14, .double, repeated: true, packed: true), FieldSchema("ms", 15, .message(inner), repeated: true),
      FieldSchema("ps", 16, .int64, repeated: true, packed: true), FieldSchema("bs", 17, .bool, repeated: true, packed: true),
      FieldSchema("ss", 1000, .string, repeated: true), FieldSchema("es", 18, .enumeration(color), repeated: true, packed: true),
    ])

  /// Parses a prototxt of that message.
  static func parse(_ text: String) throws -> Message { try parse(Array(text.utf8)) }

  static func parse(_ bytes: [UInt8]) throws -> Message { try TextParser.parse(SourceFile(name: "n", bytes: bytes), as: schema) }

  /// The first line of every mistake: `line:column: message`.
  static func mistakes(_ text: String) -> [String] {
    do throws(Diagnostics) {
      _ = try TextParser.parse(SourceFile(name: "n", text: text), as: schema)
      return []
    } catch {
      return error.map { diagnostic in
        "\(diagnostic.location.map { "\($0.line):\($0.column)" } ?? "-"): \(diagnostic.message)"
      }
    }
  }

  /// A string field's literal, read.
  static func string(_ literal: String) throws -> [UInt8]? { try parse("y: \(literal)").last("y")?.value.bytes }
}
