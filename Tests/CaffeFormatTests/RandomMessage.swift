import CaffeCore
import CaffeFormat

/// Makes messages of any schema at random.
struct RandomMessage {
  private static let letters = Array("aé\"\\\n\u{1}'😀 #")
  private var random: SequentialRandom

  init(seed: UInt64) { random = SequentialRandom(RandomStream(seed: seed)) }

  /// A message with some of the schema's fields, singular ones at most once.
  mutating func make(_ schema: MessageSchema, depth: Int = 0) -> Message {
    var message = Message(schema)
    for field in schema.fields {
      let isWanted = Int.random(in: 0..<4, using: &random) == 0 && (depth < 4 || !isMessage(field))
      let most = !isWanted ? 0 : field.isRepeated ? 3 : 1
      for _ in 0..<(most == 0 ? 0 : Int.random(in: 1...most, using: &random)) {
        message.append(field.name, value(field, depth))
      }
    }
    return message
  }

  private func isMessage(_ field: FieldSchema) -> Bool { if case .message = field.kind { true } else { false } }

  private mutating func value(_ field: FieldSchema, _ depth: Int) -> FieldValue {
    switch field.kind {
    case .int32: .integer(Int64(Int32(truncatingIfNeeded: wide())))
    case .int64: .integer(Int64(truncatingIfNeeded: wide()))
    case .uint32: .unsigned(UInt64(UInt32(truncatingIfNeeded: wide())))
    case .uint64: .unsigned(wide())
    case .float: .float(Float(Int32(truncatingIfNeeded: wide())) / 1024)
    case .double: .double(Double(Int64(truncatingIfNeeded: wide())) / 1024)
    case .bool: .bool(Bool.random(using: &random))
    case .string:
      .string(String((0..<Int.random(in: 0...9, using: &random)).map { _ in Self.letters.randomElement(using: &random)! }))
    case .bytes: .bytes((0..<Int.random(in: 0...9, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) })
    case .enumeration(let schema): .enumeration(schema.cases.randomElement(using: &random)!.number)
    case .message(let schema): .message(make(schema, depth: depth + 1))
    }
  }

  /// Numbers of every length, small ones as often as large ones.
  private mutating func wide() -> UInt64 { random.next() >> UInt64.random(in: 0..<64, using: &random) }
}
