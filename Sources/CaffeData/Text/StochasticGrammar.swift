import CaffeCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A context-free grammar whose rules have probabilities.
///
/// Sentences are drawn one after the other, each independent of the last. When every text has one derivation only, the
/// entropy of the text is that of the choices of rules, which is computed exactly.
struct StochasticGrammar: Sendable {
  enum Symbol: Sendable, Hashable {
    /// Characters of the text.
    case text(String)
    /// Is replaced by one of its rules.
    case name(String)
  }

  struct Rule: Sendable {
    let probability: Double
    let symbols: [Symbol]
  }

  /// The symbol that every sentence begins with.
  let start: String
  let rules: [String: [Rule]]

  /// One sentence.
  func sentence(_ random: inout SequentialRandom) -> String {
    var text = ""
    var waiting = [Symbol.name(start)]
    while let symbol = waiting.popLast() {
      switch symbol {
      case .text(let characters): text += characters
      case .name(let name): waiting += rule(for: name, &random).symbols.reversed()
      }
    }
    return text
  }

  private func rule(for name: String, _ random: inout SequentialRandom) -> Rule {
    let choices = rules[name] ?? []
    var left = Double(random.next() >> 11) * 0x1p-53
    for rule in choices.dropLast() {
      left -= rule.probability
      if left < 0 { return rule }
    }
    return choices.last ?? Rule(probability: 1, symbols: [])
  }

  /// Nats per character of an endless text of sentences: a sentence's expected nats over its expected length.
  var entropyPerCharacter: Double {
    let nats = expectation { -$0.probability * log($0.probability) }
    let length = expectation { rule in
      rule.probability
        * rule.symbols.reduce(0) { sum, symbol in
          if case .text(let characters) = symbol { sum + Double(characters.count) } else { sum }
        }
    }
    return nats / length
  }

  /// What a sentence is expected to gather when every use of a rule gives `amount` times 1 / probability: the solution of the
  /// linear equations E(A) = Σ amount(rule) + Σ probability · E(symbol), by iteration.
  private func expectation(_ amount: (Rule) -> Double) -> Double {
    let names = rules.keys.sorted()
    var expected = Dictionary(uniqueKeysWithValues: names.map { ($0, 0.0) })
    for _ in 0..<10_000 {
      var change = 0.0
      for name in names {
        let new = (rules[name] ?? []).reduce(0.0) { sum, rule in
          sum + amount(rule) + rule.probability * rule.symbols.reduce(0.0) { $0 + StochasticGrammar.value($1, expected) }
        }
        change = max(change, abs(new - (expected[name] ?? 0)))
        expected[name] = new
      }
      if change < 1e-13 { break }
    }
    return expected[start] ?? 0
  }

  private static func value(_ symbol: Symbol, _ expected: [String: Double]) -> Double {
    if case .name(let name) = symbol { expected[name] ?? 0 } else { 0 }
  }
}
