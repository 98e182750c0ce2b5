import ArgumentParser

struct ZooVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoo", abstract: "Share models, find models, trust models.",
    discussion: "Example: caffe zoo index list", subcommands: [ZooIndexVerb.self])
}
