import ArgumentParser
import CaffeCore
import CaffeFormat
import CaffeHDF5

struct WeightsListVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Layers, blobs, shapes and what their numbers are like.",
    discussion: "Example: caffe weights list lenet.caffemodel --json")

  @Argument(help: "Weights, a model's directory or name.") var weights: String
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let listing = WeightListing(try WeightSet.load(path: try NamedModel.path(weights, .weights)))
    if json { try JSONOutput.print(listing) } else { print(text(listing)) }
  }

  private func text(_ listing: WeightListing) -> String {
    let header = ["layer", "type", "blob", "shape", "numbers", "min", "max", "mean", "deviation", "zeros", "not finite"]
    let rows = listing.layers.flatMap { layer in
      layer.blobs.enumerated().map { index, blob in
        let values = blob.statistics
        return [layer.name, layer.type, "\(index)", "\(Shape(blob.shape))", "\(blob.count)"]
          + [values.minimum, values.maximum, values.mean, values.deviation].map { NumberText.general($0) }
          + [values.zeros, values.notFinite].map { $0 == 0 ? "" : "\($0)" }
      }
    }
    return TextTable.format([header] + rows) + "\n\n\(listing.layers.count) layers, \(listing.parameters) numbers"
  }
}
