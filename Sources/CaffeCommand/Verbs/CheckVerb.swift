import ArgumentParser
import Caffe
import CaffeFormat

struct CheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find everything that is wrong with nets, at once.",
    discussion: "Example: caffe check train_val.prototxt")

  @Argument(help: "Prototxts of nets.") var nets: [String]
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: EngineOptions

  func run() throws {
    var hasErrors = false
    for net in nets {
      let problems = try NetInspection.problems(path: net, options: engine.netOptions(phase: .TEST), inputShapes: shapes.shapes)
      for problem in problems { Console.note("\(problem)") }
      if !problems.hasErrors { print("\(net): ok") }
      hasErrors = hasErrors || problems.hasErrors
    }
    if hasErrors { throw ExitCode(1) }
  }
}
