import ArgumentParser
import Caffe
import CaffeFormat

struct RunVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Tensors in, tensors out.",
    discussion: """
      Reads the net's inputs from the group "input" of an HDF5 file and writes its outputs to the group "top" of another; \
      with --backward also gradients ("bottom_diff", "param_diff"), starting from "top_diff" and from the losses. As in Caffe, \
      only what lies under a loss has gradients, unless the net says force_backward: true.

      Example: caffe run deploy.prototxt --weights lenet.caffemodel --input in.h5 --output out.h5
      """)

  @Argument(help: "The net's prototxt, a model's directory or name.") var net: String
  @Option(help: "Weights: .caffemodel or .caffemodel.h5.") var weights: String?
  @Option(help: "HDF5 file with the inputs.") var input: String
  @Option(help: "HDF5 file to write.") var output: String
  @Option(help: "train or test; default: the input file's attribute phase, or test.") var phase: PhaseArgument?
  @Flag(help: "Also compute gradients.") var backward = false
  @Option(help: "Blobs to write besides the outputs, separated by commas.") var blobs = ""
  @OptionGroup var engine: InferenceOptions

  func run() throws {
    let (file, weights) = try (NamedModel.path(net, .deploy), NamedModel.weights(weights, for: net))
    let output = try VerbOutput(output, reading: [input, file] + (weights.map { [$0] } ?? []))
    var run = TensorRun(net: file, weights: weights)
    run.phase = phase?.phase
    run.backward = backward
    run.blobs = blobs.split(separator: ",").map(String.init)
    run.options = engine.netOptions(phase: .TEST)
    try run.run(input: input).write(path: output.path)
    output.note()
  }
}
