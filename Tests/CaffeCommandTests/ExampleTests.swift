import CaffeTesting
import Foundation
import Testing

/// The examples' nets on a little data for a few iterations; their `run` scripts do the whole.
@Suite("Examples learn", .enabled(if: Program.isBuilt))
struct ExampleTests {
  /// A folder with an example's files, its solver changed to be done soon.
  private static func prepare(_ example: String, _ changes: [String: String]) throws -> Workplace {
    let folder = try Workplace()
    let source = "\(Checkout(of: #filePath).path)/examples/\(example)"
    for name in ["\(example)_train_test.prototxt", "\(example)_solver.prototxt"] {
      var lines = try String(contentsOfFile: "\(source)/\(name)", encoding: .utf8).components(separatedBy: "\n")
      if name.hasSuffix("solver.prototxt") {
        for (field, value) in changes {
          lines.removeAll { $0.hasPrefix("\(field):") }
          lines.append("\(field): \(value)")
        }
      }
      try folder.write(lines.joined(separator: "\n"), to: name)
    }
    return folder
  }

  private static func run(_ arguments: String..., in folder: Workplace) throws -> Program.Outcome {
    let outcome = try Program.run(arguments, in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    return outcome
  }

  /// The losses of the log, first to last.
  private static func losses(_ outcome: Program.Outcome) -> [Double] {
    outcome.lines.compactMap { $0.firstMatch(of: #/^Iteration \d+ .*loss = ([\d.e+-]+)$/#).flatMap { Double($0.1) } }
  }

  /// The numbers of a test's output, first to last.
  private static func outputs(_ name: String, _ outcome: Program.Outcome) throws -> [Double] {
    let pattern = try Regex("Test net output #\\d+: \(name) = ([\\d.e+-]+)", as: (Substring, Substring).self)
    return outcome.lines.compactMap { $0.firstMatch(of: pattern).flatMap { Double($0.output.1) } }
  }

  @Test("siamese: pairs of digits")
  func siamese() throws {
    let folder = try Self.prepare(
      "siamese", ["max_iter": "60", "test_iter": "2", "test_interval": "60", "display": "20", "average_loss": "10"])
    _ = try Self.run("data", "digits", "digits", "--train", "1000", "--test", "200", in: folder)
    _ = try Self.run("data", "pairs", "digits/train_lmdb", "pairs_train_lmdb", "--count", "4000", in: folder)
    _ = try Self.run("data", "pairs", "digits/test_lmdb", "pairs_test_lmdb", "--count", "200", in: folder)
    let outcome = try Self.run("train", "--solver", "siamese_solver.prototxt", in: folder)
    let losses = Self.losses(outcome)
    #expect(losses.count == 3 && losses[2] < 0.8 * losses[0], "\(losses)")
    let accuracy = try Self.outputs("accuracy", outcome)
    #expect(accuracy.count == 2 && accuracy[1] > 0.6, "\(accuracy)")
  }

  @Test("char_rnn: characters of a grammar")
  func characters() throws {
    let folder = try Self.prepare(
      "char_rnn", ["max_iter": "60", "test_iter": "2", "test_interval": "60", "display": "20", "average_loss": "5"])
    _ = try Self.run("data", "text", "text", "--streams", "8", "--train", "3000", "--test", "100", in: folder)
    let outcome = try Self.run("train", "--solver", "char_rnn_solver.prototxt", in: folder)
    let losses = Self.losses(outcome)
    // The first is that of 32 equal chances, ln 32.
    #expect(abs(losses[0] - 3.47) < 0.1, "\(losses)")
    #expect(try #require(Self.outputs("loss", outcome).last) < 2.5)
  }

  @Test("ssd: boxes of drawn shapes")
  func detector() throws {
    let folder = try Self.prepare(
      "ssd", ["max_iter": "40", "test_iter": "1", "test_interval": "40", "display": "20", "average_loss": "5"])
    _ = try Self.run("data", "scenes", "scenes", "--train", "128", "--test", "32", in: folder)
    let outcome = try Self.run("train", "--solver", "ssd_solver.prototxt", in: folder)
    let losses = Self.losses(outcome)
    #expect(losses.count == 2 && losses[1] < 0.6 * losses[0], "\(losses)")
    let score = try Self.outputs("detection_eval", outcome)
    #expect(score.count == 1 && (0...1).contains(score[0]), "\(score)")
  }
}
