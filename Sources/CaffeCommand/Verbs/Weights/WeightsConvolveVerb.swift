import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat
import CaffeHDF5

struct WeightsConvolveVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolve", abstract: "Cast a classifier's inner products to convolutions, for pictures of any size.",
    discussion: """
      Writes the net and its weights. The cast layers get names that end in -conv; blobs keep theirs, and now hold a map with an \
      answer for every place where the classifier could look.

      Example: caffe weights convolve deploy.prototxt net.caffemodel full.prototxt full.caffemodel --input-shape data=1,3,451,451
      """)

  @Argument(help: "The classifier's prototxt, a model's directory or name.") var net: String
  @Argument(help: "Its weights.") var weights: String
  @Argument(help: "The prototxt to write.") var netOutput: String
  @Argument(help: "The weights to write; HDF5 when the name ends in .h5.") var weightsOutput: String
  @Option(help: "An InnerProduct layer to cast (may be repeated); default: all.") var layer: [String] = []
  @Option(help: "What is added to the names of cast layers.") var suffix = "-conv"
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: EngineOptions

  func validate() throws {
    if netOutput == weightsOutput { throw ValidationError("the net and the weights have the same output") }
    if suffix.isEmpty { throw ValidationError("--suffix must not be empty: weights of the old form would be taken for the new") }
  }

  func run() throws {
    let (net, weights) = try (NamedModel.path(net, .deploy), NamedModel.path(weights, .weights))
    let outputs = try [netOutput, weightsOutput].map { try VerbOutput($0, reading: [net, weights]) }
    let cast = try ConvolutionCast(
      net: net, weights: try WeightSet.load(path: weights),
      layers: layer, suffix: suffix, inputShapes: shapes.shapes, options: engine.netOptions(phase: .TEST))
    try cast.weights.save(path: weightsOutput)
    try AtomicFile.write(Array(cast.text.utf8), to: netOutput)
    for output in outputs { output.note() }
    for (old, new) in cast.names.sorted(by: { $0.key < $1.key }) { print("\(old) -> \(new)") }
  }
}
