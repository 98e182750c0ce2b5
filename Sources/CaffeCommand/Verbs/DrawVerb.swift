import ArgumentParser
import Caffe
import CaffeCore
import CaffeDraw
import CaffeFormat
import CaffeGraph

struct DrawVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "draw", abstract: "Draw a net: DOT text, or a picture through Graphviz.",
    discussion: """
      Layers are coloured by kind; layers in place stand in the box of the layer before them. Without -o the DOT text is printed.

      Example: caffe draw models/lenet/deploy.prototxt -o lenet.svg
      """)

  /// Which layers are drawn.
  enum DrawnPhase: String, ExpressibleByArgument, CaseIterable {
    case train, test, all

    var phase: Phase? { self == .all ? nil : self == .train ? .TRAIN : .TEST }
  }

  @Argument(help: "The net's prototxt, a model's directory or name.") var net: String
  @Option(name: [.short, .customLong("output")], help: "The file to write: .dot, .svg or .png.") var output: String?
  @Option(help: "Layers of which phase: train, test or all.") var phase = DrawnPhase.test
  @Option(help: "LR (left to right), RL, TB (top to bottom) or BT.") var rankdir = DrawDirection.leftToRight
  @Option(help: "blobs, or layers alone.") var style = DrawStyle.blobs
  @OptionGroup var shapes: ShapeOptions

  func validate() throws {
    if let output, kind(of: output) == nil { throw ValidationError("-o \(output): the name must end in .dot, .svg or .png") }
  }

  private func kind(of path: String) -> String? { ["dot", "svg", "png"].first { path.hasSuffix(".\($0)") } }

  func run() throws {
    let net = try NamedModel.path(net, .deploy)
    let output = try output.map { try VerbOutput($0, reading: [net]) }
    let text = DotText(try drawing(net), direction: rankdir, style: style)
    guard let output else { return print(text.text, terminator: "") }
    let format = kind(of: output.path).flatMap { Graphviz.Format(rawValue: $0) }
    let bytes = try format.map { try Graphviz().picture(of: text, as: $0) } ?? Array(text.text.utf8)
    try AtomicFile.write(bytes, to: output.path)
    output.note()
  }

  /// A net whose data is elsewhere has no shapes; it can be drawn all the same.
  private func drawing(_ net: String) throws -> NetDrawing {
    var options = NetOptions()
    options.state = NetState(phase: phase.phase ?? .TEST)
    let inspection = try NetInspection(path: net, options: options, inputShapes: shapes.shapes)
    guard let phase = phase.phase else { return NetDrawing(inspection.definition, state: nil) }
    do { return NetDrawing(try inspection.shapedGraph()) } catch {
      let inputs = try inspection.graph().inputNames(options.registry)
      try NetGraph.problems(ofInputs: shapes.shapes.keys, among: inputs).throwIfErrors()
      Console.note("drawn without shapes: \(error)")
      return NetDrawing(inspection.definition, state: NetState(phase: phase))
    }
  }
}

extension DrawDirection: ExpressibleByArgument {}
extension DrawStyle: ExpressibleByArgument {}
