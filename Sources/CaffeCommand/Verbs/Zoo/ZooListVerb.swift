import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The models that were pulled.", discussion: "Example: caffe zoo list")

  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let items = try PersonalZoo.make().store.items()
    if json { return try JSONOutput.print(items) }
    guard !items.isEmpty else { return Console.note("no model was pulled yet; caffe zoo search lists what there is") }
    let rows = items.map { item in
      [
        item.name, item.weights.map { NumberText.megabytes($0) } ?? "no weights",
        TerminalText.line(item.license ?? "", limit: 40),
        TerminalText.line(item.source ?? "", limit: 60),
      ]
    }
    print(TextTable.format([["model", "weights", "licence", "from"]] + rows))
  }
}
