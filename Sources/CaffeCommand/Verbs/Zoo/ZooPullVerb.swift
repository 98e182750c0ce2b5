import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooPullVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull", abstract: "Bring models here, weights included.",
    discussion: """
      A model is named as an index lists it (caffe zoo search), or given as a gist or as the address of an archive with its
      directory. For a directory of this machine only the weights are fetched.

      Example: caffe zoo pull bvlc_googlenet
      """)

  @Argument(help: "NAME, INDEX/NAME, a gist's id or address, an archive's address, or a directory.") var models: [String]
  @Option(help: "What the model will be called here.") var name: String?
  @Flag(help: "Replace a model of that name, changes made to its files included.") var force = false
  @Flag(help: "Leave the weights for later.") var withoutWeights = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var options: ZooOptions

  private struct Result: Encodable {
    let name: String
    let path: String
    let license: String?
    let weights: [WeightsResult]
  }

  func validate() throws {
    if name != nil && models.count > 1 { throw ValidationError("--name names one model; \(models.count) are given") }
  }

  func run() throws {
    let zoo = try options.zoo()
    var results: [Result] = []
    for model in models { results.append(try pull(model, zoo)) }
    if json { try JSONOutput.print(results) }
  }

  private func pull(_ model: String, _ zoo: ModelZoo) throws -> Result {
    let isDirectory = model.contains("/") && !model.contains("://") && Folder.isThere(model) || model == "." || model == ".."
    if isDirectory {
      let weights = withoutWeights ? [] : try zoo.download(model).map(WeightsResult.init)
      if !json { print("\(model): ready") }
      return Result(name: model, path: model, license: nil, weights: weights)
    }
    let pulled = try zoo.pull(model, name: name, withWeights: !withoutWeights, replaces: force)
    if !json { print("\(pulled.name): ready in \(pulled.directory)") }
    return Result(
      name: pulled.name, path: pulled.directory, license: pulled.frontMatter.license,
      weights: pulled.weights.map(WeightsResult.init))
  }
}

/// What `--json` says of a file of weights.
struct WeightsResult: Encodable {
  let path: String
  let origin: DownloadResult.Origin
  let sha1: String
  let sha256: String
  let size: Int
  /// Bytes that came over the network.
  let received: Int

  init(_ result: DownloadResult) {
    path = result.path
    origin = result.origin
    (sha1, sha256, size) = (result.sums.sha1, result.sums.sha256, result.sums.size)
    received = result.received
  }
}
