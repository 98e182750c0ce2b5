import ArgumentParser
import CaffeCore
import CaffeData

struct MeanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mean", abstract: "Compute the mean image of a database: Caffe's compute_image_mean.",
    discussion: """
      Sums are added in double precision. The file is a BlobProto of four dimensions, as Caffe's own tool writes it.

      Example: caffe data mean examples/cifar10/train_lmdb mean.binaryproto
      """)

  @Argument(help: "The database.") var database: String
  @Argument(help: "The file to write; without it only the means are printed.") var output: String?
  @Option(help: "Caffe's flag, not needed: the database itself tells its kind.") var backend = DatabaseKind.lmdb
  @Flag(help: "Print the means as JSON.") var json = false

  private struct Result: Encodable {
    let shape: [Int]
    let channelMeans: [Float]
  }

  func run() throws {
    try Conversion().run("mean") { progress, shouldStop in
      let mean = try MeanImage.compute(database: database, progress: progress, shouldStop: shouldStop)
      if let output {
        try mean.write(to: output)
        VerbOutput.note(output)
      }
      if json { return try JSONOutput.print(Result(shape: mean.tensor.shape.dims, channelMeans: mean.channelMeans)) }
      for (channel, value) in mean.channelMeans.enumerated() {
        print("mean_value channel [\(channel)]: \(NumberText.general(value))")
      }
    }
  }
}
