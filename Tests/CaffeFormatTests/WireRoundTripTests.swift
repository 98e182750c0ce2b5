import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("The wire format")
struct WireRoundTripTests {
  static func decode(_ bytes: [UInt8], as schema: MessageSchema = Everything.schema) throws -> Message {
    try bytes.withUnsafeBytes { try WireReader.decode($0, as: schema, name: "bytes") }
  }

  private static let schemas = [
    Everything.schema, LayerRegistry.standard.schema.net, LayerRegistry.standard.schema.solver, Datum.schema,
  ]

  @Test("and the text format keep every random message", arguments: schemas.indices)
  func random(index: Int) throws {
    for seed in 0..<60 {
      var maker = RandomMessage(seed: UInt64(seed))
      let message = maker.make(Self.schemas[index])
      let bytes = WireWriter.bytes(message)
      let decoded = try Self.decode(bytes, as: message.schema)
      #expect(decoded == message, "seed \(seed)")
      #expect(WireWriter.bytes(decoded) == bytes, "seed \(seed)")
      let text = try TextParser.parse(SourceFile(name: "seed \(seed)", text: TextPrinter.print(message)), as: message.schema)
      #expect(text == message, "seed \(seed)")
    }
  }

  @Test("has the bytes that protobuf's documentation gives")
  func knownBytes() throws {
    #expect(WireWriter.bytes(try Everything.parse("i: 150")) == [0x08, 0x96, 0x01])
    #expect(WireWriter.bytes(try Everything.parse("s: 'testing'")) == [0x42, 7] + Array("testing".utf8))
    #expect(WireWriter.bytes(try Everything.parse("m { x: 150 }")) == [0x5A, 3, 0x08, 0x96, 0x01])
    #expect(WireWriter.bytes(try Everything.parse("ps: [3, 270, 86942]")) == [0x82, 0x01, 6, 3, 0x8E, 2, 0x9E, 0xA7, 5])
    #expect(WireWriter.bytes(try Everything.parse("i: -2")) == [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [1])
    #expect(WireWriter.bytes(try Everything.parse("f: 1")) == [0x2D, 0, 0, 0x80, 0x3F])
  }

  @Test("writes fields by number, wherever they stood")
  func order() throws {
    #expect(WireWriter.bytes(try Everything.parse("b: t is: 2 i: 1 is: 3")) == [0x08, 1, 0x38, 1, 0x60, 2, 0x60, 3])
  }

  @Test("is read with fields that the schema lacks")
  func unknownFields() throws {
    let unknown: [[UInt8]] = [
      [0xF0, 0x7F, 5], [0xF1, 0x7F] + [UInt8](repeating: 1, count: 8), [0xF2, 0x7F, 2, 9, 9], [0xF5, 0x7F, 1, 2, 3, 4],
    ]
    for field in unknown { #expect(try Self.decode([0x08, 7] + field + [0x38, 1]) == (try Everything.parse("i: 7 b: t"))) }
  }

  @Test("is read whether numbers are packed or not, whatever the schema says")
  func packing() throws {
    let floats: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0x40]
    let expected = try Everything.parse("fs: [1, 2]")
    #expect(try Self.decode([0x6A, 8] + floats) == expected)
    #expect(try Self.decode([0x6D] + floats[..<4] + [0x6D] + floats[4...]) == expected)
    #expect(try Self.decode([0x62, 2, 1, 2, 0x60, 3]) == (try Everything.parse("is: [1, 2, 3]")))
    #expect(try Self.decode([0x80, 0x01, 1, 0x80, 0x01, 2]) == (try Everything.parse("ps: [1, 2]")))
    #expect(
      try Self.decode([0x71, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0x72, 8, 0, 0, 0, 0, 0, 0, 0, 0x40])
        == (try Everything.parse("ds: [1, 2]")))
  }

  @Test("is read with numbers that take more bytes than they need, and cut to the field's width")
  func longVarints() throws {
    #expect(try Self.decode([0x08, 0x81, 0x80, 0x80, 0x00]).last("i")?.value == .integer(1))
    #expect(try Self.decode([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).last("i")?.value == .integer(-1))
    #expect(try Self.decode([0x38, 0x80, 0x02]).last("b")?.value == .bool(true))
  }

  @Test("keeps the last of several values of a singular field")
  func lastWins() throws {
    #expect(try Self.decode([0x08, 1, 0x08, 2]).last("i")?.value == .integer(2))
  }
}
