import ArgumentParser
import CaffeCore
import CaffeZoo
import Foundation

struct IndexListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List the indexes that search and pull use.",
    discussion: "Example: caffe zoo index list --json")

  /// What `--json` prints per index.
  private struct Line: Encodable {
    let name: String
    let address: String?
    let models: Int?
    let problem: String?
  }

  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let places = try PersonalZoo.places()
    var lines = [Line(name: IndexSubscriptions.bundledName, address: nil, models: BundledIndex.index.entries.count, problem: nil)]
    for item in try IndexSubscriptions(places).items { lines.append(line(item, places)) }
    if json { return try JSONOutput.print(lines) }
    let rows = lines.map { [$0.name, $0.models.map(String.init) ?? "?", $0.address ?? "inside this program"] }
    print(TextTable.format([["index", "models", "address"]] + rows))
    for problem in lines.compactMap(\.problem) { Console.note(problem) }
  }

  private func line(_ item: IndexSubscriptions.Subscription, _ places: ZooPlaces) -> Line {
    do {
      let index = try IndexRepository.read(in: "\(places.indexes)/\(item.name)").index
      return Line(name: item.name, address: item.address.description, models: index.entries.count, problem: nil)
    } catch { return Line(name: item.name, address: item.address.description, models: nil, problem: "\(item.name): \(error)") }
  }
}

struct IndexSubscribeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "subscribe", abstract: "Use somebody's index in search and pull.",
    discussion: "Example: caffe zoo index subscribe community https://github.com/USER/REPOSITORY.wiki.git")

  @Argument(help: "What it is called here.") var name: String
  @Argument(help: "The git repository's address.") var address: String

  func run() throws {
    let places = try PersonalZoo.places()
    let place = try RepositoryAddress(FileManager.default.fileExists(atPath: address) ? absolute(address) : address)
    let subscriptions = try IndexSubscriptions(places).adding(name, place)
    guard let item = subscriptions.items.first(where: { $0.name == name }) else { return }
    try IndexSubscriptions.refresh(item, places: places)
    try subscriptions.write(places)
    let count = try IndexRepository.read(in: "\(places.indexes)/\(name)").index.entries.count
    print("subscribed to \(name): \(count) model\(count == 1 ? "" : "s")")
  }

  /// A path that means the same from any directory.
  private func absolute(_ path: String) -> String { URL(filePath: path).standardizedFileURL.path(percentEncoded: false) }
}

struct IndexUnsubscribeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unsubscribe", abstract: "Leave an index out from now on; models already pulled stay.",
    discussion: "Example: caffe zoo index unsubscribe community")

  @Argument(help: "The index's name.") var name: String

  func run() throws {
    let places = try PersonalZoo.places()
    try IndexSubscriptions(places).removing(name).write(places)
    IndexSubscriptions.removeCopy(of: name, places: places)
    print("unsubscribed from \(name)")
  }
}

struct IndexRefreshVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "refresh", abstract: "Fetch the newest state of the subscribed indexes.",
    discussion: "Example: caffe zoo index refresh community")

  @Argument(help: "Indexes; default: all.") var names: [String] = []

  func run() throws {
    let places = try PersonalZoo.places()
    let items = try IndexSubscriptions(places).items
    for name in names where !items.contains(where: { $0.name == name }) {
      let near = nearest(to: name, among: items.map(\.name))
      throw ZooError("there is no index named \(TerminalText.line(name, limit: 80))", advice: near.map { "nearest name: \($0)" })
    }
    var failed = false
    for item in items where names.isEmpty || names.contains(item.name) {
      do {
        try IndexSubscriptions.refresh(item, places: places)
        let count = try IndexRepository.read(in: "\(places.indexes)/\(item.name)").index.entries.count
        print("\(item.name): \(count) model\(count == 1 ? "" : "s")")
      } catch {
        failed = true
        Console.note("\(item.name): \(error)")
      }
    }
    if failed { throw ExitCode(1) }
  }
}
