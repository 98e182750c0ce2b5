import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import Testing
import Yams

@Suite("YAML from outside")
struct BoundedYAMLTests {
  private static func read(_ text: String, _ limits: YAMLLimits = .frontMatter) throws(Diagnostic) -> Node? {
    try BoundedYAML.node(SourceFile(name: "a.yml", text: text), limits: limits)
  }

  private static func message(_ text: String, _ limits: YAMLLimits = .frontMatter) -> String? {
    do throws(Diagnostic) {
      _ = try read(text, limits)
      return nil
    } catch { return error.location.map { "\($0): \(error.message)" } }
  }

  @Test("is what Yams reads, marks of its grammar inside of words included")
  func reads() throws {
    let text = "a: b & c * d! e?\n'*': \"&x\"\nurl: http://h/p?q=1&r=*\nlist: [1, x: {y: z}, '!']\nblock: |\n  *a &b\n  ? c"
    let node = try #require(try Self.read(text))
    #expect(node["a"]?.string == "b & c * d! e?")
    #expect(node["*"]?.string == "&x")
    #expect(node["url"]?.string == "http://h/p?q=1&r=*")
    #expect(node["block"]?.string == "*a &b\n? c")
    #expect(node == (try compose(yaml: text)))
    #expect(try Self.read("# nothing\n") == nil)
    #expect(try Self.read("\u{FEFF}a: 1")?["a"]?.int == 1)
  }

  @Test("a private character that stands in the text stays what it is")
  func privateCharacters() throws {
    let node = try #require(try Self.read("a: \"\u{F0000}\u{F0001}*\"\nb: \"\\U000F0010\\U000F0021 & *\""))
    #expect(node["a"]?.string == "\u{F0000}\u{F0001}*")
    #expect(node["b"]?.string == "\u{F0010}\u{F0021} & *")
  }

  @Test(
    "is refused where it is more than plain values",
    arguments: [
      ("a: &x 1", "a.yml:1:4: anchors (&name) are not read here"),
      ("a: 1\nb: *a", "a.yml:2:4: aliases (*name) are not read here"),
      ("- !!binary aGk=", "a.yml:1:3: tags (!type) are not read here"),
      ("a: {b: !x c}", "a.yml:1:8: tags (!type) are not read here"),
      ("? [a]\n", "a.yml:1:1: keys that are collections (? key) are not read here"),
      ("{[a]: b}", "a.yml:1:5: this is no YAML: while parsing a flow mapping: did not find expected ',' or '}'"),
      ("a:\n  <<: {b: c}", "a.yml:2:3: merge keys (<<) are not read here; write the values out"),
      ("a: 1\na: 2", "a.yml:1:1: the key \"a\" stands here more than once"),
      ("a: b\u{1B}[2J", "a.yml:1:5: the character U+001B is not allowed in YAML"),
      ("a: b\u{85}c", "a.yml:1:5: the character U+0085 is not allowed in YAML"),
      ("a: b\rc: d", "a.yml:1:6: a carriage return ends no line"),
      ("a: 'b", "a.yml:1:6: this is no YAML: while scanning a quoted scalar: found unexpected end of stream"),
      ("a: b\n---\nc: d", "a.yml:2:1: this is no YAML: expected a single document in the stream: but found another document"),
    ])
  func refuses(text: String, message: String) { #expect(Self.message(text) == message) }

  @Test("is refused over its limits")
  func limits() {
    let limits = YAMLLimits(bytes: 40, depth: 2, nodes: 6)
    #expect(Self.message(String(repeating: "a", count: 41), limits) == "a.yml:1:1: the YAML has 41 bytes; at most 40 are read")
    #expect(Self.message("a: {b: {c: d}}", limits) == "a.yml:1:8: the YAML has collections more than 2 deep")
    #expect(Self.message("a: {b: c}", limits) == nil)
    #expect(Self.message("[a, b, c, d, e]", limits) == nil)
    #expect(Self.message("[a, b, c, d, e, f]", limits) == "a.yml:1:17: the YAML has more than 6 values")
    let bytes = BoundedYAMLTests.invalid
    #expect(throws: Diagnostic.self) { try BoundedYAML.node(bytes) }
  }

  private static let invalid = SourceFile(name: "a.yml", bytes: [0x61, 0xFF])

  struct Bomb: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String

    init(_ name: String, _ text: String) { (testDescription, self.text) = (name, text) }
  }

  /// Texts that blow up readers of YAML.
  static let bombs: [Bomb] = [
    Bomb("aliases of aliases", laughs),
    Bomb("aliases as keys", laughs + "\n? *j\n: *j"),
    Bomb("brackets", String(repeating: "[", count: 60_000)),
    Bomb("brackets in quotes between", String(repeating: "[\"]\",", count: 12_000)),
    Bomb("braces", String(repeating: "{a: ", count: 15_000)),
    Bomb("dashes", String(repeating: "- ", count: 30_000)),
    Bomb("questions", String(repeating: "? ", count: 30_000)),
    Bomb("indentation", (0..<340).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
    Bomb("keys", (0..<9000).map { "k\($0): \n" }.joined()),
    Bomb("equal keys", String(repeating: "k: 1\n", count: 13_000)),
    Bomb("collections as keys", String(repeating: "{", count: 60) + "a" + String(repeating: "}: 1", count: 60)),
    Bomb("a long word", String(repeating: "x", count: 65_000) + ":"),
    Bomb("colons", String(repeating: ":", count: 65_000)), Bomb("quotes", String(repeating: "\"", count: 65_000)),
    Bomb("tags", String(repeating: "!a ", count: 20_000)), Bomb("directives", String(repeating: "%TAG ! x\n", count: 7000)),
  ]

  private static let laughs =
    "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
    + zip("bcdefghij", "abcdefghi").map { name, before in
      "\(name): &\(name) [" + Array(repeating: "*\(before)", count: 10).joined(separator: ",") + "]\n"
    }.joined()

  @Test("a bomb is refused at once, on a small stack", arguments: bombs)
  func refusesBombs(bomb: Bomb) throws {
    let (name, text) = (bomb.testDescription, bomb.text)
    let limit = Duration.seconds(2)
    var passed: [String?] = []
    let time = try leastTime(within: limit) { passed = try onSmallStack { [Self.message(text), Self.message(text, .index)] } }
    if name != "a long word", name != "keys" { #expect(passed[0] != nil) }
    #expect(time < limit, "\(time)")
  }

  /// On a thread of 512 KiB, as macOS gives them.
  private func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) throws -> Result {
    let room = Room<Result>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      room.result = body()
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
    return try #require(room.result)
  }
}

// Written before a semaphore is signalled, read after it.
private final class Room<Content>: @unchecked Sendable { var result: Content? }
