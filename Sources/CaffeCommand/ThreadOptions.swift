import ArgumentParser
import CaffeCore

/// How many threads share the work.
struct ThreadOptions: ParsableArguments {
  @Option(help: "Compute threads, at most as many as there are cores; default: the cores, or this rank's share of them.")
  var threads: Int?

  func validate() throws {
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be 1 to 1024") }
  }

  /// As given but no more than the cores, else these, or this rank's share of them.
  var count: Int { min(threads ?? Job.threads, Cores.allowed) }
}
