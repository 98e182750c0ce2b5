import ArgumentParser
import Caffe
import CaffeFormat

struct PlanVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show a net at any stage on its way to running.",
    discussion: """
      Each step of a plan is a reorder between two layouts of a blob, or one or more layers with their kernel: oneDNN's by the library's \
      name (jit:avx2, with x4 where each of four images is a call), ours by what they do (winograd, pointwise, gemv …). "shared x8" is a \
      layer's own code on eight pieces that threads share, and "reference" the same in one piece. Layers joined by + become one on the way, \
      and commas stand between layers of one blob that are computed together.

      Example: caffe plan deploy.prototxt --show program
      """)

  enum Form: String, ExpressibleByArgument, CaseIterable { case definition, graph, shapes, program, plan }

  @Argument(help: "The net's prototxt, a model's directory or name.") var net: String
  @Option(help: "definition, graph, shapes, program or plan.") var show = Form.plan
  @Option(help: "train or test.") var phase: PhaseArgument?
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: InferenceOptions

  func run() throws {
    let inspection = try NetInspection(
      path: try NamedModel.path(net, .deploy), options: engine.netOptions(phase: phase?.phase ?? .TEST),
      inputShapes: shapes.shapes)
    switch show {
    case .definition: print(TextPrinter.print(inspection.definition.message), terminator: "")
    case .graph: print(PlanPrinter.print(try inspection.graph()))
    case .shapes: print(PlanPrinter.print(try inspection.shapedGraph()))
    case .program: print(PlanPrinter.print(try inspection.plan(takesGradientsEarly: true).program))
    case .plan: print(PlanPrinter.print(try inspection.plan(takesGradientsEarly: true)))
    }
  }
}
