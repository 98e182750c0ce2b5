import CaffeZoo
import Testing

@Suite("A file name from outside")
struct FileNameTests {
  @Test(
    "is refused when it could lead elsewhere or fool a reader",
    arguments: ["", ".", "..", ".git", "a/b", "../a", "/etc/passwd", "a\\b", "a\u{0}b", "a\u{1B}[2J", "a\u{202E}b", "a\nb"])
  func refuses(name: String) { #expect(throws: ZooError.self) { try FileName(name, in: "readme.md: caffemodel") } }

  @Test("is refused when it is longer than file systems take")
  func refusesLongNames() { #expect(throws: ZooError.self) { try FileName(String(repeating: "a", count: 256), in: "gist") } }

  @Test("is taken as it stands otherwise", arguments: ["deploy.prototxt", "LICENSE", "Modell für Köpfe.caffemodel", "a..b"])
  func takes(name: String) throws { #expect(try FileName(name, in: "gist").description == name) }

  @Test("the message names the place and shows no control characters")
  func message() throws {
    let error = try #require(throws: ZooError.self) { try FileName("x\u{1B}[2J/..", in: "gist 1") }
    #expect(
      error.description
        == "gist 1: the file name \"x?[2J/..\" leads to another directory\n  give a plain file name")
  }
}
