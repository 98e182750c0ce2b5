import CaffeCore
import CaffeHDF5

extension DatabaseConversion {
  /// How much text, and which.
  public struct TextOptions: Sendable {
    /// Texts that are read side by side: N.
    public var streams = 32
    /// Characters of each training text.
    public var trainingSteps = 20_000
    /// Characters of each test text.
    public var testSteps = 2_000
    /// Which of the 2⁶⁴ texts.
    public var seed: UInt64 = 1

    public init() {}
  }

  /// A text that was made.
  public struct TextSummary: Sendable {
    /// In the order of their numbers.
    public let characters: [Character]
    /// Nats per character of an endless text: what no model stays below.
    public let entropy: Double
    /// How the first training text begins.
    public let beginning: String
  }

  /// The most characters of a set.
  private static let maximumCharacters = 100_000_000
  /// Characters of `TextSummary.beginning`.
  private static let shownCharacters = 200

  /// Writes texts of a small stochastic grammar for a character-level recurrent net: `train.h5` and `test.h5` with the datasets
  /// `cont`, `input` and `target` (steps × streams), the lists `train.txt` and `test.txt` that name them, and `characters.txt`,
  /// whose lines are the characters in the order of their numbers.
  ///
  /// `cont` is 0 where a text begins, in the first step, and 1 elsewhere; `target` is the character after `input`.
  ///
  /// - Throws: `DataFileError`, `HDF5Error` or `FileError` when the folder cannot be written or holds such names.
  public static func text(into folder: String, options: TextOptions = TextOptions()) throws -> TextSummary {
    for (steps, name) in [(options.trainingSteps, "training"), (options.testSteps, "test")] {
      let (count, overflow) = steps.multipliedReportingOverflow(by: options.streams)
      guard steps > 0, options.streams > 0, !overflow, count <= maximumCharacters else {
        throw DataFileError(
          path: folder,
          "the \(name) set has \(steps) steps of \(options.streams) streams; 1 to \(maximumCharacters) characters are made")
      }
    }
    let grammar = StochasticGrammar.animals
    let characters = grammar.characters
    let output = try StagedFolder(path: folder, makes: ["train.h5", "test.h5", "train.txt", "test.txt", "characters.txt"])
    var beginning = ""
    for (name, first, steps) in [("train", 0, options.trainingSteps), ("test", 1 << 32, options.testSteps)] {
      let texts = (0..<options.streams).map { stream in
        text(of: grammar, count: steps + 1, random: RandomStream(seed: options.seed, path: UInt64(first + stream)))
      }
      if name == "train" { beginning = String(texts[0].prefix(shownCharacters)) }
      try writeText(texts, steps: steps, characters, to: try output.place(of: "\(name).h5"))
      try AtomicFile.write(Array("\(name).h5\n".utf8), to: try output.place(of: "\(name).txt"))
    }
    let list = characters.map { "\($0)\n" }.joined()
    try AtomicFile.write(Array(list.utf8), to: try output.place(of: "characters.txt"))
    try output.commit()
    return TextSummary(characters: characters, entropy: grammar.entropyPerCharacter, beginning: beginning)
  }

  /// So many characters of sentences.
  private static func text(of grammar: StochasticGrammar, count: Int, random: RandomStream) -> [Character] {
    var random = SequentialRandom(random)
    var text: [Character] = []
    while text.count < count { text += grammar.sentence(&random) }
    return Array(text.prefix(count))
  }

  private static func writeText(_ texts: [[Character]], steps: Int, _ characters: [Character], to path: String) throws {
    let numbers = Dictionary(uniqueKeysWithValues: zip(characters, 0...).map { ($0, Float($1)) })
    let codes = texts.map { text in text.map { numbers[$0] ?? 0 } }
    let shape = Shape([steps, texts.count])
    let file = try HDF5Writer(path: path)
    for (name, ahead) in [("input", 0), ("target", 1)] {
      let tensor = Tensor(shape) { values in
        for step in 0..<steps {
          for (stream, code) in codes.enumerated() { values[step * texts.count + stream] = code[step + ahead] }
        }
      }
      try file.write(tensor, to: name)
    }
    let cont = Tensor(shape) { values in
      for index in values.indices { values[index] = index < texts.count ? 0 : 1 }
    }
    try file.write(cont, to: "cont")
    try file.commit()
  }
}

extension StochasticGrammar {
  /// All characters a text can have, sorted.
  var characters: [Character] {
    let texts = rules.values.joined().flatMap(\.symbols).compactMap { symbol in
      if case .text(let characters) = symbol { characters } else { nil }
    }
    return Set(texts.joined()).sorted()
  }
}
