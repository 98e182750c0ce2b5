import ArgumentParser

struct ZooVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoo", abstract: "Make models to share, and check them.",
    discussion: "Example: caffe zoo check models/lenet --run",
    subcommands: [ZooNewVerb.self, ZooCheckVerb.self])
}
