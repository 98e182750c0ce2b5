import CaffeZoo

/// An entry as verbs tell of it.
enum IndexOutput {
  /// What `--json` prints.
  struct Entry: Encodable {
    struct Weights: Encodable {
      let file: String
      let url: String?
      let mirrors: [String]
      let sha1: String?
      let sha256: String?
      let size: Int?
    }

    let name: String
    let title: String
    let task: String?
    let authors: [String]
    let license: String?
    let summary: String?
    let source: String
    let page: String?
    let weights: [Weights]
    let metrics: [String: String]

    init(_ entry: IndexEntry) {
      name = entry.name
      title = entry.title
      task = entry.task
      authors = entry.authors
      license = entry.license
      summary = entry.summary
      source = entry.source.title
      page = entry.source.page
      weights = entry.weights.map {
        Weights(file: $0.file, url: $0.url, mirrors: $0.mirrors, sha1: $0.sha1, sha256: $0.sha256, size: $0.size)
      }
      metrics = Dictionary(entry.metrics.map { ($0.name, $0.value) }) { first, _ in first }
    }
  }

  /// Tells what became of an entry, and what it should say besides.
  static func report(_ entry: IndexEntry, _ word: String, json: Bool) throws {
    for line in IndexCheck.advice(on: entry) { Console.note(TerminalText.line(line, limit: 400)) }
    if json { return try JSONOutput.print(Entry(entry)) }
    print("\(word) \(entry.name): \(TerminalText.line(entry.title))")
  }
}
