import ArgumentParser
import CaffeCore
import CaffeZoo

struct ZooDownloadVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "download", abstract: "Fetch the weights that a model's readme names (download_model_binary.py).",
    discussion: "Example: caffe zoo download models/bvlc_alexnet")

  @Argument(help: "Models' directories.") var directories: [String]
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var options: ZooOptions

  func run() throws {
    let zoo = try options.zoo()
    var results: [WeightsResult] = []
    for directory in directories {
      for result in try zoo.download(directory) {
        if !json { print(text(result)) }
        results.append(WeightsResult(result))
      }
    }
    if json { try JSONOutput.print(results) }
  }

  private func text(_ result: DownloadResult) -> String {
    switch result.origin {
    case .inPlace: "\(result.path): Model already exists."
    case .cache: "\(result.path): from the cache, SHA-1 \(result.sums.sha1)"
    case .network: "\(result.path): \(NumberText.megabytes(result.sums.size)), SHA-1 \(result.sums.sha1)"
    }
  }
}
