import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat
import CaffeZoo

struct ZooVerifyVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "See whether a model is what was published, and answers as it should.",
    discussion: """
      Compares the weights with the readme's checksums and a pulled model's files with those that came, and runs the net on the
      inputs of the readme's verify.

      Example: caffe zoo verify lenet
      """)

  @Argument(help: "Models' names or directories.") var models: [String]
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var engine: EngineOptions

  private struct Result: Encodable {
    let model: String
    let path: String
    let isRight: Bool
    let problems: [String]
    let checked: [String]
    let notChecked: [String]
  }

  func run() throws {
    let results = try models.map(verify)
    if json { try JSONOutput.print(results) }
    if !results.allSatisfy(\.isRight) { throw ExitCode(1) }
  }

  /// Where the model lies; nothing is fetched, so that nothing is mended before it is looked at.
  private func place(of model: String) throws -> String {
    if Folder.isThere(model) { return model }
    let store = try PersonalZoo.make().store
    guard store.contains(model) else {
      throw ZooError(
        "\(TerminalText.line(model)) is neither a directory nor a pulled model", advice: "caffe zoo list shows what was pulled")
    }
    return try store.directory(of: model)
  }

  private func verify(_ model: String) throws -> Result {
    let path = try place(of: model)
    let integrity = try ModelIntegrity(path)
    var (problems, checked) = (integrity.problems, integrity.checked)
    var notChecked: [String] = []
    if problems.isEmpty {
      let answers = try ModelCheck(path, options: engine.netOptions(phase: .TEST)).verification()
      problems += answers.filter { $0.severity == .error }.map { "\($0)" }
      if answers.isEmpty { checked.append("the answers are those published") }
      notChecked = answers.filter { $0.severity != .error }.map(\.message)
    }
    if !json {
      for line in problems { Console.note("\(model): \(line)") }
      for line in notChecked { Console.note("\(model): \(line)") }
      if problems.isEmpty { print("\(model): \(checked.joined(separator: "; "))") }
    }
    return Result(
      model: model, path: path, isRight: problems.isEmpty, problems: problems, checked: checked, notChecked: notChecked)
  }
}
