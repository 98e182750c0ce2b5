import ArgumentParser
import CaffeData

/// Shows how far a conversion is, and lets Ctrl-C stop it with nothing left behind.
struct Conversion {
  private let line = ProgressLine()

  /// Says something while a conversion goes on.
  func note(_ text: String) {
    line.clear()
    Console.note(text)
  }

  /// - Parameter output: what the conversion makes and says nothing of itself.
  func run(
    _ name: String, output: String? = nil, _ body: (@escaping DatabaseConversion.Progress, @escaping () -> Bool) throws -> Void
  ) throws {
    Signals.install()
    let line = line
    defer { line.clear() }
    do {
      try body({ done, total in line.draw("\(name): \(done) of \(total)") }, { Signals.isInterrupted })
      line.clear()
      if let output { VerbOutput.note(output) }
    } catch is CancellationError {
      line.clear()
      Console.note("caffe: stopped; nothing was written")
      throw ExitCode(130)
    }
  }
}
