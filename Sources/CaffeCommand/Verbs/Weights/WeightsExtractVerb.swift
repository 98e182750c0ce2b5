import ArgumentParser
import CaffeFormat
import CaffeHDF5

struct WeightsExtractVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "extract", abstract: "Write the weights of some layers alone.",
    discussion: "Example: caffe weights extract lenet.caffemodel filters.caffemodel conv1 conv2")

  @Argument(help: "Weights, a model's directory or name.") var input: String
  @Argument(help: "Weights to write.") var output: String
  @Argument(help: "The layers' names.") var layers: [String]

  func run() throws {
    let input = try NamedModel.path(input, .weights)
    let output = try VerbOutput(output, reading: [input])
    try WeightSet.load(path: input).extracting(layers).save(path: output.path)
    output.note()
  }
}
