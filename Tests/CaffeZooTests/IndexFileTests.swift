import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import Testing

@Suite("An index's file")
struct IndexFileTests {
  @Test("reads back as it was written, whatever the texts")
  func roundTrip() throws {
    var odd = IndexSamples.entry("odd.name-1e5_x") {
      $0.title = "true"
      $0.license = "# no: 'comment' \"quoted\" \\ ünïcödé 模型"
    }
    odd.source = .archive(url: "https://example.org/a.zip", sha256: String(repeating: "b", count: 64))
    odd.others = [OtherKey(key: "colour", value: "[\"1\", 2, {a: b}]")]
    var plain = IndexEntry(name: "0", title: "- x", source: .bundled("lenet"))
    plain.summary = " spaces "
    let index = IndexSamples.index([odd, plain, IndexSamples.entry("b"), IndexSamples.entry("a")])
    let text = IndexWriter.text(index)
    #expect(try IndexSamples.read(text).index == index)
    #expect(IndexWriter.text(try IndexSamples.read(text).index) == text)
    #expect(index.entries.map(\.name) == ["0", "a", "b", "odd.name-1e5_x"])
  }

  @Test("has one key a line, in one order")
  func canonical() {
    let lines = IndexWriter.text(IndexSamples.index([IndexSamples.entry("cats")])).split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(11) == [
        "format: 1", "title: \"Cats: a zoo\"", "models:", "  cats:", "    title: Model cats", "    task: classification",
        "    authors:", "      - Ada Lovelace", "      - \"Charles: Babbage\"", "    license: BSD-2-Clause",
        "    summary: \"Tells cats from dogs: \\\"well\\\", says #1.\"",
      ])
  }

  @Test("keeps keys of newer versions")
  func unknownKeys() throws {
    let text = """
      format: 1
      title: t
      colour: {a: [1, two], b: "3"}
      models:
        m:
          title: M
          source:
            bundled: m
          badge: gold

      """
    let result = try IndexSamples.read(text)
    #expect(result.index.others == [OtherKey(key: "colour", value: "{a: [1, two], b: \"3\"}")])
    #expect(result.index["m"]?.others == [OtherKey(key: "badge", value: "gold")])
    #expect(result.warnings.isEmpty)
    #expect(IndexWriter.text(result.index) == text)
  }

  @Test("points at a key that is probably misspelt, and keeps it")
  func misspelt() throws {
    let result = try IndexSamples.read("format: 1\nmodels:\n  m:\n    title: M\n    licence: MIT\n    source: {bundled: m}\n")
    #expect("\(result.warnings)".hasPrefix("index.yaml:5:5: warning: m: licence is no key of an index\n"))
    #expect("\(result.warnings)".hasSuffix("nearest key: license"))
  }

  @Test("of a newer format says so")
  func newerFormat() {
    #expect(IndexSamples.complaints("format: 2\nmodels: {}\n").hasPrefix("index.yaml:1:9: error: the index has format 2\n"))
    #expect(IndexSamples.complaints("title: x\n").hasPrefix("error: format is missing"))
    #expect(IndexSamples.complaints("").contains("index.yaml is empty"))
  }

  @Test("tells everything that is wrong at once, with its place")
  func allProblems() {
    let text = """
      format: 1
      models:
        Bad Name:
          title: x
        m:
          title: "a\\eb"
          task: []
          source:
            gist: xyz
            revision: abc
          weights:
            - file: ../m.caffemodel
              url: javascript:alert(1)
              sha1: abc
              size: -1
            - url: https://u:p@example.org/x
          added: {by: me, on: 2026-02-30}
      """
    let lines = IndexSamples.complaints(text).split(separator: "\n").filter { $0.contains("error:") }.map(String.init)
    #expect(
      lines == [
        "index.yaml:3:3: error: models: \"Bad Name\" is no model's name",
        "index.yaml:6:12: error: m: title: \"a?b\" holds characters that are not shown",
        "index.yaml:7:11: error: m: task must be a text",
        "index.yaml:9:13: error: m: source: gist: \"xyz\" is not 20 or 32 hexadecimal digits",
        "index.yaml:10:17: error: m: source: revision: \"abc\" is not 40 hexadecimal digits",
        "index.yaml:12:15: error: m: weights: file: the file name \"../m.caffemodel\" leads to another directory",
        "index.yaml:13:14: error: m: weights: url: \"javascript:alert(1)\" is no http or https address",
        "index.yaml:14:15: error: m: weights: sha1: \"abc\" is not 40 hexadecimal digits",
        "index.yaml:15:15: error: m: weights: size must be a whole number from 0 to \(1 << 40)",
        "index.yaml:16:9: error: m: weights: file is missing",
        "index.yaml:17:25: error: m: added: on: \"2026-02-30\" is no day such as 2026-01-31",
      ])
  }

  @Test(
    "is refused when it is a bomb",
    arguments: [
      "a: &a [x, x]\nb: &b [*a, *a, *a]\nformat: 1\nmodels: {m: *b}\n",
      "format: 1\nmodels: " + String(repeating: "[", count: 5000),
      "format: 1\nmodels: {" + (0..<20_000).map { "m\($0): {title: b, source: {bundled: a}}, " }.joined() + "}\n",
      "format: 1\ntitle: " + String(repeating: "x", count: 5 << 20),
      "format: 1\nmodels: {<<: {m: 1}}\n",
      "format: 1\nmodels: !!python/object {}\n",
      "format: 1\nmodels:\n" + (0..<100_000).map { "  m\($0): {a: b}\n" }.joined(),
    ])
  func bombs(text: String) {
    let time = leastTime(within: .seconds(20)) { #expect(!IndexSamples.complaints(text).isEmpty) }
    #expect(time < .seconds(20))
    #expect(IndexSamples.complaints(text).utf8.count < 100_000)
  }
}
