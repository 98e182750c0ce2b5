import ArgumentParser

struct WeightsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "weights", abstract: "Look into files of weights, compare and change them.",
    discussion: """
      All read .caffemodel of any age and .caffemodel.h5, told by content; what is written is HDF5 when its name ends in .h5.

      Example: caffe weights list lenet.caffemodel
      """,
    subcommands: [
      WeightsListVerb.self, WeightsDiffVerb.self, WeightsRenameVerb.self, WeightsExtractVerb.self, WeightsConvolveVerb.self,
    ])
}
