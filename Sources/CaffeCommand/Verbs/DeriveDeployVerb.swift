import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat

struct DeriveDeployVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "derive-deploy", abstract: "Make a net for use of one for training.",
    discussion: """
      Data layers become Input layers, losses the Softmax or Sigmoid they compute; labels, scores, auxiliary classifiers and rules \
      for phases go. Comments of what stays are kept. Shapes come from crop sizes, from databases that are there, or from \
      --input-shape.

      Example: caffe derive-deploy train_val.prototxt -o deploy.prototxt
      """)

  @Argument(help: "The net's prototxt, a model's directory or name.") var net: String
  @Option(name: [.short, .customLong("output")], help: "The file to write; without it the net is printed.") var output: String?
  @Option(name: .customLong("batch-size"), help: "How many items the inputs take at a time.") var batchSize = 1
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: EngineOptions

  func validate() throws {
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1") }
  }

  func run() throws {
    let net = try NamedModel.path(net, .training)
    let output = try output.map { try VerbOutput($0, reading: [net]) }
    let derived = try DeployNet(
      path: net, options: engine.netOptions(phase: .TEST), inputShapes: shapes.shapes,
      batchSize: batchSize)
    for note in derived.notes { Console.note(note) }
    guard let output else { return print(derived.text, terminator: "") }
    try AtomicFile.write(Array(derived.text.utf8), to: output.path)
    output.note()
  }
}
