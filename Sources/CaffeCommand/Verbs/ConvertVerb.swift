import ArgumentParser
import CaffeFormat
import CaffeHDF5

struct ConvertVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert", abstract: "Convert weights between .caffemodel and .caffemodel.h5.",
    discussion: """
      The kind of the input is told by its content, that of the output by its name. Old layouts become today's.

      Example: caffe convert lenet.caffemodel lenet.caffemodel.h5
      """)

  @Argument(help: "Weights to read.") var input: String
  @Argument(help: "Weights to write; HDF5 when the name ends in .h5.") var output: String

  func run() throws {
    let input = try NamedModel.path(input, .weights)
    let output = try VerbOutput(output, reading: [input])
    try WeightSet.load(path: input).save(path: output.path)
    output.note()
  }
}
