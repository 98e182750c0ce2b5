import ArgumentParser
import CaffeZoo
import Foundation

struct ZooIndexVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index", abstract: "Keep a list of models in a git repository, a GitHub wiki for one, and use others' lists.",
    discussion: """
      An index is the file index.yaml of a repository. Clone the repository, change the index, publish it.

      Example: caffe zoo index add 034c6ac3865563b69e60 --name flickr_style
      """,
    subcommands: [
      IndexAddVerb.self, IndexUpdateVerb.self, IndexRemoveVerb.self, IndexCheckVerb.self, IndexRenderVerb.self,
      IndexPublishVerb.self, IndexListVerb.self, IndexSubscribeVerb.self, IndexUnsubscribeVerb.self, IndexRefreshVerb.self,
    ])
}

/// The working copy that most verbs of an index work on.
struct IndexOption: ParsableArguments {
  @Option(name: .customLong("index"), help: "The index's directory, a git working copy.") var directory = "."

  /// The index; an empty one where there is none yet.
  func readOrBegin() throws -> ZooIndex {
    FileManager.default.fileExists(atPath: "\(directory)/\(ZooIndex.fileName)")
      ? try IndexRepository.read(in: directory).index : ZooIndex()
  }
}
