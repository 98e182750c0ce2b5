import CaffeCore
import Testing

@Suite("A diagnostic")
struct DiagnosticTests {
  private static func at(_ text: String, _ part: String, name: String = "net.prototxt") throws -> CaffeCore.SourceLocation {
    let file = SourceFile(name: name, text: text)
    let range = try #require(text.range(of: part))
    return CaffeCore.SourceLocation(file: file, offset: text[..<range.lowerBound].utf8.count, length: part.utf8.count)
  }

  @Test("points at its place under the line")
  func plain() throws {
    let place = try Self.at("name: \"a\"\nkernel: 5\n", "kernel")
    #expect(
      Diagnostic("no such field", at: place, hint: "did you mean \"kernel_size\"?").description == """
        net.prototxt:2:1: error: no such field
            2 | kernel: 5
              | ^~~~~~  did you mean "kernel_size"?
        """)
  }

  @Test("without a place is one line, with a hint two")
  func placeless() {
    #expect(Diagnostic("disk full").description == "error: disk full")
    #expect(Diagnostic("odd", hint: "look there", severity: .warning).description == "warning: odd\n  look there")
    #expect(Diagnostic("by the way", severity: .note).description == "note: by the way")
  }

  @Test("keeps the marker under its place behind tabs and letters of several bytes")
  func columns() throws {
    let place = try Self.at("\tname: \"größe\" x", "x")
    #expect(
      Diagnostic("bad", at: place).description
        == "net.prototxt:1:18: error: bad\n    1 | \tname: \"größe\" x\n      | \t              ^")
  }

  @Test("marks a word of several bytes by its letters")
  func wideMarks() throws {
    let place = try Self.at("größe: 1", "größe")
    #expect(Diagnostic("bad", at: place).description.hasSuffix("\n      | ^~~~~"))
  }

  @Test("at the end of the file points behind the last character")
  func end() {
    let file = SourceFile(name: "n", text: "ab\nlayer {")
    #expect(
      Diagnostic("bad", at: CaffeCore.SourceLocation(file: file, offset: 10, length: 1)).description == """
        n:2:8: error: bad
            2 | layer {
              |        ^
        """)
  }

  @Test("of an empty file has line 1")
  func emptyFile() {
    let place = CaffeCore.SourceLocation(file: SourceFile(name: "n", bytes: []), offset: 0, length: 1)
    #expect(Diagnostic("bad", at: place).description == "n:1:1: error: bad\n    1 | \n      | ^")
  }

  @Test("does not show the carriage return of a Windows line, nor a byte order mark")
  func windows() throws {
    let place = try Self.at("\u{FEFF}a: 1\r\nb: 2\r\n", "1")
    #expect(Diagnostic("bad", at: place).description == "net.prototxt:1:7: error: bad\n    1 | a: 1\n      |    ^")
  }

  @Test("lets nothing of a hostile file steer the terminal")
  func controlCharacters() throws {
    let hostile = "a\u{1B}[31m\u{7F}\u{9B}\u{202E}\u{0} x"
    let place = try Self.at(hostile, "x", name: "\u{1B}]n")
    #expect(
      Diagnostic("found \(hostile)\n", at: place, hint: "\u{8}").description == """
        ?]n:1:15: error: found a?[31m???? x?
            1 | a?[31m???? x
              |            ^  ?
        """)
  }

  @Test("shows of a long line only what is around its place")
  func longLines() throws {
    let text = String(repeating: "a", count: 1000) + "BAD" + String(repeating: "z", count: 1_000_000)
    let lines = Diagnostic("bad", at: try Self.at(text, "BAD")).description.split(separator: "\n")
    #expect(lines[0] == "net.prototxt:1:1001: error: bad")
    #expect(lines[1] == "    1 | …\(String(repeating: "a", count: 120))BAD\(String(repeating: "z", count: 77))…")
    #expect(lines[2] == "      | \(String(repeating: " ", count: 121))^~~")
  }

  @Test("with a large line number keeps its gutter")
  func gutter() {
    let file = SourceFile(name: "n", text: String(repeating: "\n", count: 99_999) + "x")
    let place = CaffeCore.SourceLocation(file: file, offset: 99_999, length: 1)
    #expect(Diagnostic("bad", at: place).description == "n:100000:1: error: bad\n100000 | x\n      | ^")
  }

  @Test("marks no further than its line reaches")
  func longLength() throws {
    let file = SourceFile(name: "n", text: "abc\ndef")
    let place = CaffeCore.SourceLocation(file: file, offset: 1, length: 500)
    #expect(Diagnostic("bad", at: place).description == "n:1:2: error: bad\n    1 | abc\n      |  ^~")
  }
}

@Suite("Diagnostics")
struct DiagnosticsTests {
  @Test("end a stage only when one of them is an error")
  func stages() throws {
    var diagnostics = Diagnostics([Diagnostic("odd", severity: .warning)])
    try diagnostics.throwIfErrors()
    diagnostics.append(Diagnostic("wrong"))
    #expect(diagnostics.hasErrors)
    #expect(throws: Diagnostics.self) { try diagnostics.throwIfErrors() }
    #expect(diagnostics.description == "warning: odd\nerror: wrong")
    #expect(diagnostics.map(\.message) == ["odd", "wrong"])
  }
}
