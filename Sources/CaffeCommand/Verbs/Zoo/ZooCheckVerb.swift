import ArgumentParser
import Caffe
import CaffeCore

struct ZooCheckVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Find everything that is wrong with models' directories, or missing, before they are published.",
    discussion: """
      Neither data nor weights are needed; what is here is checked. With --run the net must give the answers that the
      readme's `verify` promises.

      Example: caffe zoo check models/lenet --run
      """)

  /// What `--json` prints per directory.
  private struct Result: Encodable {
    struct Problem: Encodable {
      let severity: String
      let message: String
      let hint: String?
      let file: String?
      let line: Int?
      let column: Int?

      init(_ problem: Diagnostic) {
        severity = problem.severity.rawValue
        message = problem.message
        hint = problem.hint
        file = problem.location?.file.name
        (line, column) = (problem.location?.line, problem.location?.column)
      }
    }

    let directory: String
    let isSound: Bool
    let problems: [Problem]
  }

  @Argument(help: "Models' directories.") var directories: [String]
  @Flag(name: .customLong("run"), help: "Run the net on the inputs of `verify` and compare the answers.") var runsNet = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var engine: EngineOptions

  func run() throws {
    var results: [Result] = []
    for directory in directories {
      let check = try ModelCheck(directory, options: engine.netOptions(phase: .TEST))
      var problems = check.problems()
      let answers = runsNet ? check.verification() : Diagnostics()
      problems.append(contentsOf: answers)
      results.append(Result(directory: directory, isSound: !problems.hasErrors, problems: problems.map(Result.Problem.init)))
      if !json { show(problems, directory, hasAnswers: runsNet && answers.isEmpty) }
    }
    if json { try JSONOutput.print(results) }
    if !results.allSatisfy(\.isSound) { throw ExitCode(1) }
  }

  private func show(_ problems: Diagnostics, _ directory: String, hasAnswers: Bool) {
    for problem in problems { Console.note("\(problem)") }
    if !problems.hasErrors { print("\(directory): ok\(hasAnswers ? ", and the answers are as promised" : "")") }
  }
}
