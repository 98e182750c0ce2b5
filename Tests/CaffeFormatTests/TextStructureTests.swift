import CaffeCore
import CaffeFormat
import Testing

@Suite("The structure of a text")
struct TextStructureTests {
  private static let expected: [FieldValue] = [.integer(1), .integer(2)]

  @Test(
    "may be written in any of protobuf's ways",
    arguments: [
      "m { x: 1 } ms { x: 2 }", "m: { x: 1 } ms: { x: 2 }", "m < x: 1 > ms: < x: 2 >", "m{x:1}ms{x:2}",
      "m { x: 1; }, ms { x: 2, };",
      "ms [ { x: 2 } ] m { x: 1 }", "ms: [ < x: 2 > ] m { x: 1 }",
      "# first\nm { # in\n x # name\n : # colon\n 1 }\nms { x: 2 } # end",
      "m\n{\nx\n:\n1\n}\nms\t{\u{B}x:\u{C}2}", "\u{FEFF}m { x: 1 } ms { x: 2 }", "m {\r\n  x: 1\r\n}\r\nms {\r\n  x: 2\r\n}\r\n",
      "m { x: 1 }\u{23} no newline at the end\rms\nms { x: 2 }",
    ])
  func spellings(text: String) throws {
    let message = try Everything.parse(text)
    #expect((message.messages("m") + message.messages("ms")).flatMap(\.entries).map(\.value) == Self.expected)
  }

  @Test("has lists of scalars and of messages, mixed with single elements")
  func lists() throws {
    let message = try Everything.parse("is: 1 is: [2, 0x3] is: [] is: 4 ss: ['a' 'b', \"c\"] ms: [{ x: 1 }, < x: 2 >] ms []")
    #expect(message.all("is").map(\.value) == [1, 2, 3, 4].map { .integer($0) })
    #expect(message.strings("ss") == ["ab", "c"])
    #expect(message.messages("ms").map { $0.last("x")?.value } == [.integer(1), .integer(2)])
  }

  @Test("is empty when there is nothing but blanks and comments", arguments: ["", " \n\t", "# nothing", "#", "\u{FEFF}"])
  func empty(text: String) throws {
    #expect(try Everything.parse(text).entries.isEmpty)
  }

  @Test("keeps the line and column of every name and value")
  func positions() throws {
    let message = try Everything.parse("i: 5\nm {\n\tx: -3 label: 'a' 'b'\n}\nis: [7,\n 8]")
    func places(_ entry: Message.Entry) -> String {
      "\(entry.field.name) \(entry.nameLocation?.description ?? "") \(entry.valueLocation?.description ?? "")"
    }
    let inner = try #require(message.messages("m").first)
    #expect(message.entries.map(places) == ["i n:1:1 n:1:4", "m n:2:1 n:2:3", "is n:5:1 n:5:6", "is n:5:1 n:6:2"])
    #expect(inner.entries.map(places) == ["x n:3:2 n:3:5", "label n:3:8 n:3:15"])
  }

  @Test("does not care for the order of different fields when two messages are compared")
  func equality() throws {
    #expect(try Everything.parse("i: 1 s: 'a' is: [1, 2]") == Everything.parse("is: 1 s: 'a' is: 2 i: 1"))
    #expect(try Everything.parse("is: [1, 2]") != Everything.parse("is: [2, 1]"))
    #expect(try Everything.parse("m { x: 1 }") != Everything.parse("m { x: 2 }"))
    #expect(try Everything.parse("m { }") != Everything.parse(""))
  }
}

@Suite("A field of a message")
struct MessageTests {
  @Test("is set, replaced, changed and removed by name")
  func editing() throws {
    var message = try Everything.parse("i: 1 m { x: 2 } ss: 'a' ss: 'b'")
    message.set("i", .integer(5))
    message.modify("m") { $0.set("x", .integer(6)) }
    message.remove("ss")
    message.append("ss", .string("c"))
    #expect(message == (try Everything.parse("i: 5 m { x: 6 } ss: 'c'")))
    message.remove("m")
    message.modify("m") { $0.append("x", .integer(7)) }
    #expect(message.last("m")?.value.message?.last("x")?.value.integer == 7)
    #expect(!message.has("d"))
  }

  @Test("that is given as one run of numbers equals the same numbers one by one")
  func runs() throws {
    var run = Message(Everything.schema)
    run.append("fs", .numbers(NumberRun([1, 2.5])))
    #expect(run == (try Everything.parse("fs: [1, 2.5]")))
    #expect(run != (try Everything.parse("fs: [1]")))
    #expect(run != (try Everything.parse("fs: [1, 2]")))
  }
}
