import ArgumentParser
import Caffe
import CaffeFormat

struct CheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Find everything that is wrong with nets and solvers, at once.",
    discussion: "Example: caffe check train_val.prototxt")

  @Argument(help: "Prototxts of nets and solvers, models' directories or names.") var files: [String]
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: EngineOptions

  func run() throws {
    var hasErrors = false
    for name in files {
      let file = try NamedModel.path(name, .deploy)
      let problems = try FileCheck(path: file, options: engine.netOptions(phase: .TEST), inputShapes: shapes.shapes).problems
      for problem in problems { Console.note("\(problem)") }
      if !problems.hasErrors { print("\(file): ok") }
      hasErrors = hasErrors || problems.hasErrors
    }
    if hasErrors { throw ExitCode(1) }
  }
}
