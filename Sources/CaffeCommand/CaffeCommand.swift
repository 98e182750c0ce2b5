import ArgumentParser
import Caffe
import CaffeCore
import CaffeZoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// The `caffe` program. Exit codes: 0 done, 1 the work failed, 2 the call was wrong.
@main
struct CaffeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "caffe", abstract: "Runs and trains Caffe nets.",
    discussion: "Example: caffe classify models/lenet digit.png", version: "caffe 0.1.0",
    subcommands: [
      TrainVerb.self, TestVerb.self, TimeVerb.self, RunVerb.self, CheckVerb.self, SummaryVerb.self, PlanVerb.self,
      ClassifyVerb.self, DetectVerb.self, EvaluateDetectionsVerb.self, ProposalsVerb.self, DrawVerb.self, DeriveDeployVerb.self,
      ConvertVerb.self, WeightsVerb.self, UpgradeVerb.self,
      DataVerb.self, ExtractFeaturesVerb.self, ReportVerb.self, PlotVerb.self, SchemaVerb.self, DeviceQueryVerb.self,
      ZooVerb.self,
    ])

  static func main() {
    signal(SIGXFSZ, SIG_IGN)  // A file that may not grow is an error with its name, as a full disk is.
    do {
      var command = try parseAsRoot(CaffeFlags.normalized(Array(CommandLine.arguments.dropFirst())))
      try command.run()
      try Console.flushResults()
      Job.leave()
    } catch {
      fail(error)
    }
  }

  /// The verb that was probably meant, when there is none of the name given: a verb of the program, or of one of its verbs.
  private static func suggestion() -> String {
    var (verbs, path) = (configuration.subcommands, "caffe")
    for word in CommandLine.arguments.dropFirst() where !verbs.isEmpty {
      guard let verb = verbs.first(where: { $0.configuration.commandName == word }) else {
        let near = word.hasPrefix("-") ? nil : nearest(to: word, among: verbs.compactMap { $0.configuration.commandName })
        return near.map { "\n  Did you mean '\(path) \($0)'?" } ?? ""
      }
      (verbs, path) = (verb.configuration.subcommands, "\(path) \(word)")
    }
    return ""
  }

  /// What went wrong with the work goes to stderr as it is; what was wrong with the call gets usage.
  private static func fail(_ error: any Error) -> Never {
    if let code = error as? ExitCode {
      Job.leave()
      quit(code.rawValue)
    }
    if error is CancellationError || (error as? HTTPFailure)?.reason == .stopped {
      Console.note("caffe: stopped")
      Job.leave()
      quit(130)
    }
    let code = exitCode(for: error)
    guard code != .success else { exit(withError: error) }
    let isCall = code == .validationFailure
    let text = isCall ? fullMessage(for: error) : error is Diagnostics ? "\(error)" : "caffe: \(message(for: error))"
    Job.fail(text)
    Console.note(isCall ? text + suggestion() : text)
    quit(isCall ? 2 : 1)
  }
}

private func quit(_ code: Int32) -> Never {
  #if canImport(Glibc)
    Glibc.exit(code)
  #else
    Darwin.exit(code)
  #endif
}
