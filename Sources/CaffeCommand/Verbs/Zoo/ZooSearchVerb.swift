import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooSearchVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", abstract: "Find models in the indexes.",
    discussion: "Without words all are listed. Example: caffe zoo search classification")

  @Argument(help: "Words that occur in name, title, task, authors, licence or summary.") var words: [String] = []
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let (catalogue, problems) = try IndexCatalogue.load(ZooOptions().zoo().places)
    for problem in problems { Console.note(problem) }
    let hits = catalogue.search(words)
    if json { return try JSONOutput.print(hits.map(ModelDescription.init)) }
    guard !hits.isEmpty else { return Console.note("no index lists a model with these words") }
    let rows = hits.map { hit in
      [
        hit.entry.name, TerminalText.line(hit.entry.task ?? "", limit: 20), TerminalText.line(hit.entry.license ?? "", limit: 30),
        TerminalText.line(hit.entry.title, limit: 60), hit.index,
      ]
    }
    print(TextTable.format([["model", "task", "licence", "title", "index"]] + rows))
  }
}

/// What `--json` says of a model of an index.
struct ModelDescription: Encodable {
  struct Weights: Encodable {
    let file: String
    let url: String?
    let mirrors: [String]
    let sha1: String?
    let sha256: String?
    let size: Int?
  }

  let name: String
  let index: String
  let title: String
  let task: String?
  let authors: [String]
  let license: String?
  let summary: String?
  let source: String
  let weights: [Weights]
  let metrics: [String: String]

  init(_ hit: IndexCatalogue.Hit) {
    let entry = hit.entry
    (name, index, title, task, authors) = (entry.name, hit.index, entry.title, entry.task, entry.authors)
    (license, summary, source) = (entry.license, entry.summary, entry.source.words)
    weights = entry.weights.map {
      Weights(file: $0.file, url: $0.url, mirrors: $0.mirrors, sha1: $0.sha1, sha256: $0.sha256, size: $0.size)
    }
    metrics = Dictionary(entry.metrics.map { ($0.name, $0.value) }) { first, _ in first }
  }
}
