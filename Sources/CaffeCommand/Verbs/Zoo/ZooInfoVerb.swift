import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooInfoVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "info", abstract: "What an index says of a model, and whether it is here.",
    discussion: "Example: caffe zoo info bvlc_alexnet")

  @Argument(help: "NAME or INDEX/NAME.") var model: String
  @Flag(help: "Print JSON.") var json = false

  private struct Result: Encodable {
    let model: ModelDescription
    let here: ModelStore.Item?
  }

  func run() throws {
    let zoo = try PersonalZoo.make()
    let (catalogue, problems) = try IndexCatalogue.load(zoo.places)
    for problem in problems { Console.note(problem) }
    let hit = try catalogue.entry(named: model)
    let here = zoo.store.contains(hit.entry.name) ? zoo.store.item(hit.entry.name) : nil
    if json { return try JSONOutput.print(Result(model: ModelDescription(hit.entry, index: hit.index), here: here)) }
    print(text(hit, here))
  }

  private func text(_ hit: IndexCatalogue.Hit, _ here: ModelStore.Item?) -> String {
    let entry = hit.entry
    var rows: [(String, String?)] = [
      ("model", hit.fullName), ("title", entry.title), ("task", entry.task), ("summary", entry.summary),
      ("authors", entry.authors.isEmpty ? nil : entry.authors.joined(separator: ", ")),
      ("licence", entry.license ?? "none stated"),
      ("from", entry.source.title),
    ]
    for file in entry.weights {
      rows.append(("weights", file.file + (file.size.map { ", \(NumberText.megabytes($0))" } ?? "")))
      rows += ([file.url].compactMap { $0 } + file.mirrors).map { ("", $0) }
      rows += [("sha1", file.sha1), ("sha256", file.sha256)]
    }
    rows += entry.metrics.map { ("measured", "\($0.name): \($0.value)") }
    rows.append(
      ("here", here.map { $0.weights == nil ? "\($0.path), without weights" : $0.path } ?? "no; caffe zoo pull \(entry.name)"))
    return TextTable.format(rows.compactMap { key, value in value.map { [key, TerminalText.line($0, limit: 400)] } })
  }
}
