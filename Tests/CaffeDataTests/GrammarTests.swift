import CaffeCore
import Foundation
import Testing

@testable import CaffeData
@testable import CaffeHDF5

@Suite("Texts of a stochastic grammar")
struct GrammarTests {
  private static let grammar = StochasticGrammar.animals

  @Test("entropy: worked out by hand")
  func byHand() {
    // A sentence is x followed by itself with chance 1/4: 1/(1 - 1/4) = 4/3 choices of H(1/4) nats, each writing one sign.
    let grammar = StochasticGrammar(
      start: "A",
      rules: [
        "A": [
          .init(probability: 0.25, symbols: [.text("x"), .name("A")]), .init(probability: 0.75, symbols: [.text(".")]),
        ]
      ])
    let choice = -(0.25 * log(0.25) + 0.75 * log(0.75))
    #expect(abs(grammar.entropyPerCharacter - choice) < 1e-9)
    // Four equal signs in words of two: 2 ln 4 / 2.
    let signs = ["a", "b", "c", "d"].map { StochasticGrammar.Rule(probability: 0.25, symbols: [.text($0)]) }
    let pairs = StochasticGrammar(
      start: "S", rules: ["S": [.init(probability: 1, symbols: [.name("C"), .name("C")])], "C": signs])
    #expect(abs(pairs.entropyPerCharacter - log(4)) < 1e-9)
  }

  @Test("rules' chances add up to 1, and every name has rules")
  func proper() {
    for (name, rules) in Self.grammar.rules {
      #expect(abs(rules.map(\.probability).reduce(0, +) - 1) < 1e-12, "\(name)")
      for case .name(let other) in rules.flatMap(\.symbols) { #expect(Self.grammar.rules[other] != nil, "\(other)") }
    }
  }

  @Test("entropy: what a parser needs on average to tell drawn texts, which have one derivation only")
  func parsed() throws {
    var random = SequentialRandom(RandomStream(seed: 5))
    var (nats, length) = (0.0, 0.0)
    for _ in 0..<20_000 {
      let text = Self.grammar.sentence(&random)
      var parser = try PredictiveParser(Self.grammar, text)
      nats -= try parser.logProbability()
      length += Double(text.count)
    }
    let ratio = nats / length / Self.grammar.entropyPerCharacter
    #expect(abs(ratio - 1) < 0.01, "\(ratio)")
  }

  @Test("files: characters and those after them, begun once, the same for the same seed")
  func files() throws {
    let directory = try TemporaryDirectory()
    var options = DatabaseConversion.TextOptions()
    (options.streams, options.trainingSteps, options.testSteps) = (3, 40, 10)
    let summary = try DatabaseConversion.text(into: directory.file("a"), options: options)
    _ = try DatabaseConversion.text(into: directory.file("b"), options: options)
    let names = ["characters.txt", "test.h5", "test.txt", "train.h5", "train.txt"]
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("a")).sorted() == names)
    let (file, again) = (try HDF5Reader(path: directory.file("a/train.h5")), try HDF5Reader(path: directory.file("b/train.h5")))
    let (input, target, cont) = (try file.tensor("input"), try file.tensor("target"), try file.tensor("cont"))
    #expect(input.shape == [40, 3] && target.shape == [40, 3] && cont.shape == [40, 3])
    #expect(try again.tensor("input") == input && again.tensor("target") == target)
    #expect(target.values.prefix(39 * 3) == input.values.suffix(39 * 3))
    #expect(cont.values == [0, 0, 0] + [Float](repeating: 1, count: 39 * 3))
    let first = (0..<40).map { summary.characters[Int(input[3 * $0])] }
    #expect(summary.beginning.hasPrefix(String(first)))
    let listed = try String(contentsOfFile: directory.file("a/characters.txt"), encoding: .utf8)
    #expect(listed == summary.characters.map { "\($0)\n" }.joined())
    #expect(try HDF5Reader(path: directory.file("a/test.h5")).tensor("input").values.prefix(30) != input.values.prefix(30))
  }
}

/// Finds the only derivation of a text: the next word always tells which rule was taken.
private struct PredictiveParser {
  private struct NoDerivation: Error { let word: String? }

  private let grammar: StochasticGrammar
  private var words: [String] = []
  private var next = 0

  /// - Throws: when the words of the grammar do not begin with a sign and go on with letters: then texts could be cut in
  ///   several ways.
  init(_ grammar: StochasticGrammar, _ text: String) throws {
    self.grammar = grammar
    for symbol in grammar.rules.values.joined().flatMap(\.symbols) {
      guard case .text(let word) = symbol else { continue }
      guard word.first?.isLetter == false else { throw NoDerivation(word: word) }
      guard word.dropFirst().allSatisfy({ $0.isLetter }) || word.count == 2 else { throw NoDerivation(word: word) }
    }
    for character in text {
      // A word begins with its space; brackets have one before them, other signs stand alone.
      let isNew = character == " " || (!character.isLetter && words.last != " ")
      if isNew { words.append(String(character)) } else { words[words.count - 1].append(character) }
    }
  }

  /// The logarithm of the derivation's probability.
  ///
  /// - Throws: when there is none, or more than one rule fits the next word.
  mutating func logProbability() throws -> Double {
    let sum = try derive(.name(grammar.start))
    guard next == words.count else { throw NoDerivation(word: words[next]) }
    return sum
  }

  private mutating func derive(_ symbol: StochasticGrammar.Symbol) throws -> Double {
    let word = next < words.count ? words[next] : nil
    guard case .name(let name) = symbol else {
      guard symbol == .text(word ?? "") else { throw NoDerivation(word: word) }
      next += 1
      return 0
    }
    let rules = grammar.rules[name] ?? []
    let fitting = rules.filter { rule in rule.symbols.first.map { begins($0, with: word ?? "") } ?? false }
    let taken = fitting.isEmpty ? rules.filter(\.symbols.isEmpty) : fitting
    guard taken.count == 1, let rule = taken.first else { throw NoDerivation(word: word) }
    return try rule.symbols.reduce(log(rule.probability)) { try $0 + derive($1) }
  }

  private func begins(_ symbol: StochasticGrammar.Symbol, with word: String) -> Bool {
    switch symbol {
    case .text(let text): text == word
    case .name(let name): (grammar.rules[name] ?? []).contains { $0.symbols.first.map { begins($0, with: word) } ?? false }
    }
  }
}
