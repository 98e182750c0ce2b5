import CaffeZoo

/// An entry as verbs tell of it.
enum IndexOutput {
  /// Tells what became of an entry, and what it should say besides.
  static func report(_ entry: IndexEntry, _ word: String, json: Bool) throws {
    for line in IndexCheck.advice(on: entry) { Console.note(TerminalText.line(line, limit: 400)) }
    if json { return try JSONOutput.print(ModelDescription(entry)) }
    print("\(word) \(entry.name): \(TerminalText.line(entry.title))")
  }
}
