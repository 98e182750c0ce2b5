import CaffeCore
import CaffeZoo
import Foundation
import Testing
import Yams

@Suite("Strict front matter")
struct FrontMatterWriterTests {
  private static let full: FrontMatter = {
    var matter = FrontMatter()
    matter.others = [OtherKey(key: "mean_file_proto", value: "no"), OtherKey(key: "x", value: "- a\n- b: c")]
    matter.name = "Net: the \"deep\" one"
    matter.authors = ["A. Person", "- B"]
    var first = PublishedWeights(file: "a.caffemodel", url: "http://h/a?b=c#d", sha1: "0123456789012345678901234567890123456789")
    first.mirrors = ["https://i/a"]
    matter.weights = [first, PublishedWeights(file: "b.caffemodel")]
    matter.license = "BSD-2-Clause"
    matter.caffeVersion = "1.0"
    var preprocessing = PublishedPreprocessing()
    preprocessing.mean = [104, 117.5]
    preprocessing.scale = 0.00390625
    matter.preprocessing = preprocessing
    matter.metrics = [PublishedMetric(name: "top-1", value: "57.4 %")]
    matter.verify = [VerifyCase(input: "7.png", top: [.init(label: "7", score: 0.99), .init(label: "one")])]
    return matter
  }()

  @Test("has its keys in a fixed order and quotes where YAML needs them")
  func order() {
    #expect(
      Self.full.yaml == """
        ---
        name: "Net: the \\"deep\\" one"
        authors:
          - A. Person
          - "- B"
        caffemodel: a.caffemodel
        caffemodel_url: http://h/a?b=c#d
        mirrors:
          - https://i/a
        sha1: "0123456789012345678901234567890123456789"
        more_weights:
          - caffemodel: b.caffemodel
        license: BSD-2-Clause
        caffe_version: "1.0"
        preprocessing:
          mean: [104, 117.5]
          scale: 0.00390625
        metrics:
          - top-1: 57.4 %
        verify:
          - input: 7.png
            top:
              - label: "7"
                score: 0.99
              - label: one
        mean_file_proto: "no"
        x:
          - a
          - b: c
        ---

        """)
  }

  @Test("reads back equal, whatever is in it")
  func roundTrip() throws {
    for seed in 0..<400 as Range<UInt64> {
      var maker = RandomFrontMatter(seed: seed)
      let matter = maker.make()
      let readme = Readme(SourceFile(name: "readme.md", text: matter.yaml + "\nText"))
      try #require(readme.frontMatter == matter, "seed \(seed)\n\(matter.yaml)\n\(readme.problems)")
      #expect(readme.problems.filter { $0.severity == .warning && !$0.message.hasPrefix("there is no key") }.isEmpty)
      #expect(readme.body == "\nText")
      #expect(readme.frontMatter.yaml == matter.yaml)
    }
  }

  @Test("words are the same words to a reader without this program's knowledge")
  func plainYams() throws {
    for seed in 0..<200 as Range<UInt64> {
      var maker = RandomFrontMatter(seed: seed)
      var matter = FrontMatter()
      matter.name = maker.text()
      matter.license = maker.text()
      let yaml = matter.yaml.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast(2)
      let loaded = try #require(try load(yaml: yaml.joined(separator: "\n")) as? [String: Any])
      #expect(loaded["name"] as? String == matter.name)
      #expect(loaded["license"] as? String == matter.license)
    }
  }
}

/// Front matter with every key, of words that are hard on YAML.
struct RandomFrontMatter {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  private static let pieces = [
    "a", "Net", " ", ": ", " #", "#", "'", "\"", "\\", "\n", "\t", "-", "- ", "?", "!", "&a", "*a", "[", "]", "{", "}", ",", "%",
    "@",
    "`", "|", ">", "yes", "null", "1", "0x1F", "1e5", "2020-01-01", ".", "~", "é", "日", "\u{1F600}", "\u{7F}", "\u{85}",
    "\u{2028}",
    "a\u{FEFF}", "\u{202E}", "\u{0}", "\u{F0000}", "\u{F0001}", "---", "\n---\n", "<<", "=", "<<<<<<<", "\u{E000}", "\r\n",
    "e\u{301}",
  ]

  /// A string that is more than white space.
  mutating func text() -> String {
    let count = Int.random(in: 1...6, using: &random)
    let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
    return text.allSatisfy(\.isWhitespace) ? "x" + text : text
  }

  private mutating func maybe<T>(_ make: (inout Self) -> T) -> T? { Bool.random(using: &random) ? make(&self) : nil }
  private mutating func list<T>(_ make: (inout Self) -> T) -> [T] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in make(&self) }
  }
  private mutating func digits(_ count: Int) -> String {
    (0..<count).map { _ in "0123456789abcdef".randomElement(using: &random).map(String.init) ?? "" }.joined()
  }
  private mutating func number() -> Float { Float.random(in: -300...300, using: &random) }

  mutating func make() -> FrontMatter {
    var matter = FrontMatter()
    matter.name = text()
    matter.license = text()
    matter.weights = [weights()] + list { $0.weights() }
    matter.caffeCommit = maybe { $0.digits(40) }
    matter.caffeVersion = maybe { $0.text() }
    matter.gistID = maybe { $0.digits(20) }
    matter.gistRevision = maybe { $0.digits(40) }
    matter.task = maybe { $0.text() }
    matter.authors = list { $0.text() }
    matter.labels = maybe { $0.text() }
    matter.preprocessing = maybe { $0.preprocessing() }
    matter.metrics = list { PublishedMetric(name: $0.text(), value: $0.text()) }
    matter.verify = list { $0.verifyCase() }
    matter.others = list { OtherKey(key: "x-" + $0.text(), value: $0.text()) }
    var seen = Set<String>()
    matter.others.removeAll { !seen.insert($0.key).inserted }
    return matter
  }

  private mutating func weights() -> PublishedWeights {
    var weights = PublishedWeights(file: "w\(Int.random(in: 0...9, using: &random)).caffemodel")
    weights.url = maybe { "https://h/\($0.text())" }
    weights.mirrors = list { "https://m/\($0.text())" }
    weights.sha1 = maybe { $0.digits(40) }
    weights.sha256 = maybe { $0.digits(64) }
    weights.size = maybe { Int.random(in: 1...Int.max, using: &$0.random) }
    return weights
  }

  private mutating func preprocessing() -> PublishedPreprocessing {
    var result = PublishedPreprocessing()
    result.crop = Int.random(in: 1...999, using: &random)
    result.resize = maybe { [$0.number(), $0.number()].map { Int(abs($0)) + 1 } }
    result.channelOrder = maybe { [.bgr, .rgb, .gray].randomElement(using: &$0.random) ?? .bgr }
    result.mean = list { $0.number() }
    result.meanFile = maybe { $0.text() }
    result.scale = maybe { $0.number() }
    return result
  }

  private mutating func verifyCase() -> VerifyCase {
    var result = VerifyCase(input: text(), top: [.init(label: text(), score: maybe { $0.number() })])
    result.top += list { .init(label: $0.text(), score: $0.maybe { $0.number() }) }
    result.tolerance = maybe { abs($0.number()) } ?? 0.01
    return result
  }
}

/// The same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
