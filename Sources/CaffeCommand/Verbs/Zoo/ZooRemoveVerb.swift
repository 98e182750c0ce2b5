import ArgumentParser
import CaffeZoo

struct ZooRemoveVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove pulled models; their weights stay in the cache.",
    discussion: "Example: caffe zoo rm lenet")

  @Argument(help: "Models' names.") var names: [String]
  @Flag(help: "Print the removed names as JSON.") var json = false

  func run() throws {
    let store = try PersonalZoo.make().store
    for name in names {
      try store.remove(name)
      if !json { print("\(name): removed") }
    }
    if json { try JSONOutput.print(names) }
  }
}
