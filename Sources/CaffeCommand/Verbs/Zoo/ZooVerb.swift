import ArgumentParser

struct ZooVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zoo", abstract: "Share models, find models, trust models.",
    discussion: """
      A model is a directory: prototxts, and a readme.md that says where its weights are. Others find it through indexes.

      Example: caffe zoo pull bvlc_googlenet
      """,
    subcommands: [
      ZooSearchVerb.self, ZooInfoVerb.self, ZooPullVerb.self, ZooVerifyVerb.self, ZooListVerb.self, ZooRemoveVerb.self,
      ZooCacheVerb.self, ZooNewVerb.self, ZooCheckVerb.self, ZooDownloadVerb.self, GistDownloadVerb.self, GistUploadVerb.self,
      ZooIndexVerb.self,
    ])
}
