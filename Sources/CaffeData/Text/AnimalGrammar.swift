extension StochasticGrammar {
  /// Sentences about animals: `this dog ( two cats sleep ) thinks many birds follow a fox. do these owls sing?`
  ///
  /// What a reader must keep in mind: brackets, round and square, that close in the order they opened, clauses nested in them;
  /// verbs that agree in number with a subject many words before; questions, which begin with do or does, keep the verb plain
  /// and end with a question mark. Every text has one derivation: a word begins with its space or is a single sign, and the
  /// next word always tells which rule was taken.
  static let animals: StochasticGrammar = {
    var rules: [String: [Rule]] = [
      "Sentence": choice([
        (0.35, ["One", "Does", "."]), (0.35, ["Several", "Do", "."]),
        (0.15, [" does", "One", "Do", "?"]), (0.15, [" do", "Several", "Do", "?"]),
      ]),
      "Clause": choice([(0.5, ["One", "Does"]), (0.5, ["Several", "Do"])]),
      "Thing": choice([(0.5, ["One"]), (0.5, ["Several"])]),
      "One": choice([(1, ["ADeterminer", "OneRest"])]),
      "Several": choice([(1, ["SomeDeterminer", "SeveralRest"])]),
      "OneRest": choice([(0.25, ["Adjective", "OneRest"]), (0.75, ["Animal", "OneTail"])]),
      "SeveralRest": choice([(0.25, ["Adjective", "SeveralRest"]), (0.75, ["Animals", "SeveralTail"])]),
      "Aside": choice([
        (0.55, [" (", "Clause", " )"]), (0.45, [" [", "Clause", " ]"]),
      ]),
      "OneTail": choice([(0.72, []), (0.18, ["Aside"]), (0.1, [" that", "Does", ","])]),
      "SeveralTail": choice([(0.72, []), (0.18, ["Aside"]), (0.1, [" that", "Do", ","])]),
      "Does": choice([(0.45, ["Sleeps", "How"]), (0.4, ["Follows", "Thing"]), (0.15, ["Thinks", "Clause"])]),
      "Do": choice([(0.45, ["Sleep", "How"]), (0.4, ["Follow", "Thing"]), (0.15, ["Think", "Clause"])]),
      "How": choice([(0.7, []), (0.3, ["Adverb"])]),
    ]
    for (name, list) in words { rules[name] = wordChoice(list) }
    return StochasticGrammar(start: "Sentence", rules: rules)
  }()

  private static let animalNames = "cat dog bird fox owl horse whale rabbit"
  private static let resting = "sleep sing run hide wait"
  private static let acting = "follow see hear help fear"
  private static let saying = "think say hope"

  private static let words: [(String, [String])] = [
    ("ADeterminer", split("a this every one")), ("SomeDeterminer", split("some these many two")),
    ("Adjective", split("small old quick grey clever young")), ("Adverb", split("often here quietly again")),
    ("Animal", split(animalNames)), ("Animals", split(animalNames).map { $0 == "fox" ? "foxes" : $0 + "s" }),
    ("Sleep", split(resting)), ("Sleeps", split(resting).map { $0 + "s" }),
    ("Follow", split(acting)), ("Follows", split(acting).map { $0 + "s" }),
    ("Think", split(saying)), ("Thinks", split(saying).map { $0 + "s" }),
  ]

  private static func split(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

  /// Rules from probabilities and symbols: names begin with a capital letter, all else is text.
  private static func choice(_ rules: [(Double, [String])]) -> [Rule] {
    rules.map { probability, symbols in
      Rule(
        probability: probability,
        symbols: symbols.map { $0.first?.isUppercase == true ? .name($0) : .text($0) })
    }
  }

  /// One of the words with a space before it, as often as 1, 1/2, 1/3 … in their order.
  private static func wordChoice(_ words: [String]) -> [Rule] {
    let total = words.indices.reduce(0.0) { $0 + 1 / Double($1 + 1) }
    return words.enumerated().map { Rule(probability: 1 / Double($0 + 1) / total, symbols: [.text(" " + $1)]) }
  }
}
