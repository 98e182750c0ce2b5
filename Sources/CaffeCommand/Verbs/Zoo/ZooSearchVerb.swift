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
    let (catalogue, problems) = try IndexCatalogue.load(PersonalZoo.make().places)
    for problem in problems { Console.note(problem) }
    let hits = catalogue.search(words)
    if json { return try JSONOutput.print(hits.map { ModelDescription($0.entry, index: $0.index) }) }
    guard !hits.isEmpty else {
      Console.note("no index lists a model with these words")
      throw ExitCode(1)
    }
    let rows = hits.map { hit in
      [
        hit.entry.name, TerminalText.line(hit.entry.task ?? "", limit: 20), TerminalText.line(hit.entry.license ?? "", limit: 30),
        TerminalText.line(hit.entry.title, limit: 60), hit.index,
      ]
    }
    print(TextTable.format([["model", "task", "licence", "title", "index"]] + rows))
  }
}
