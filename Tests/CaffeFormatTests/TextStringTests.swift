import CaffeFormat
import Testing

@Suite("A string in text")
struct TextStringTests {
  @Test("stands in either kind of quotes, the other kind inside")
  func quotes() throws {
    #expect(try Everything.string(#""it's""#) == Array("it's".utf8))
    #expect(try Everything.string(#"'say "hi"'"#) == Array("say \"hi\"".utf8))
    #expect(try Everything.string("''") == [])
  }

  @Test(
    "has the escapes of C and of Unicode",
    arguments: [
      (#"\a\b\f\n\r\t\v"#, [7, 8, 12, 10, 13, 9, 11]), (#"\\\'\"\?"#, [92, 39, 34, 63]), (#"\0"#, [0]), (#"\12x"#, [10, 120]),
      (#"\101\7777"#, [65, 255, 55]), (#"\x41\x4a\xF"#, [65, 74, 15]), (#"\X7e"#, [126]), (#"\x4142"#, [65, 52, 50]),
      (#"\u00e9"#, [0xC3, 0xA9]), (#"\U0001F600"#, [0xF0, 0x9F, 0x98, 0x80]), ("é", [0xC3, 0xA9]), ("#", [35]),
    ] as [(String, [UInt8])])
  func escapes(body: String, bytes: [UInt8]) throws {
    #expect(try Everything.string("\"\(body)\"") == bytes)
  }

  @Test("goes on in the next literal, also on the next line and behind a comment")
  func concatenation() throws {
    #expect(try Everything.string("\"ab\" 'cd'\n  # between\n  \"ef\"") == Array("abcdef".utf8))
    #expect(try Everything.parse("ss: 'a' 'b' ss: 'c'").strings("ss") == ["ab", "c"])
  }

  @Test("takes bytes as they are")
  func rawBytes() throws {
    #expect(
      try Everything.parse([UInt8]("y: '".utf8) + [0xFF, 0x01, 0x80] + [0x27]).last("y")?.value.bytes == [0xFF, 0x01, 0x80])
  }

  @Test(
    "that is wrong is refused where it goes wrong",
    arguments: [
      ("s: \"abc\ni: 1", "1:4: this string has no closing quote on its line"),
      ("s: \"abc", "1:4: this string has no closing quote on its line"),
      ("s: 'abc\\'", "1:4: this string has no closing quote on its line"),
      ("s: 'abc\\", "1:4: this string has no closing quote on its line"),
      (#"s: "ab\q""#, "1:7: unknown escape \\q in a string"), (#"s: "\xg""#, "1:5: hexadecimal digits missing after the escape"),
      (#"s: "\ud800""#, "1:5: no such Unicode character"), (#"s: 'a' "\z""#, "1:9: unknown escape \\z in a string"),
      (#"s: "\U00110000""#, "1:5: no such Unicode character"),
    ])
  func refused(text: String, message: String) {
    #expect(Everything.mistakes(text) == [message])
  }
}
