import Foundation
import Testing

@Suite("Training from the command line", .enabled(if: Program.isBuilt))
struct TrainingTests {
  private static func train(_ solver: String, _ more: String..., in folder: Workplace) throws -> Program.Outcome {
    try Program.run(["train", "--solver", solver, "--threads", "1"] + more, in: folder)
  }

  /// Caffe's log lines.
  nonisolated(unsafe) private static let kinds: [Regex<Substring>] = [
    #/Solving tiny/#, #/Learning Rate Policy: inv/#, #/Iteration \d+, Testing net \(\#0\)/#,
    #/Iteration \d+ \([-\w.+]+ iter\/s, [-\w.+]+s\/5 iters\), loss = [-\w.+]+/#, #/Iteration \d+, loss = [-\w.+]+/#,
    #/Iteration \d+, lr = [-\w.+]+/#, #/ {4}Test net output \#0: accuracy = [-\w.+]+/#,
    #/ {4}Train net output \#0: loss = [-\w.+]+ \(\* 1 = [-\w.+]+ loss\)/#,
    #/ {4}Test net output \#1: loss = [-\w.+]+ \(\* 1 = [-\w.+]+ loss\)/#,
    #/Snapshotting to binary proto file tiny_iter_\d+\.caffemodel/#,
    #/Snapshotting solver state to binary proto file tiny_iter_\d+\.solverstate/#, #/Optimization Done\./#,
  ]

  @Test("log lines are Caffe's, on stderr, and snapshots appear")
  func log() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 10, snapshot: 5, prefix: "tiny")
    let outcome = try Self.train("solver.prototxt", "--log", "train.log", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(outcome.results.isEmpty)
    for kind in Self.kinds {
      #expect(try outcome.lines.contains { try kind.wholeMatch(in: $0) != nil }, "no line is such")
    }
    #expect(outcome.words.split(separator: "\n").allSatisfy { $0.firstMatch(of: GlogPrefix.pattern) != nil })
    #expect(outcome.lines.contains("Iteration 0, lr = 0.01"))
    for name in ["tiny_iter_5", "tiny_iter_10"] {
      #expect(folder.contains("\(name).caffemodel") && folder.contains("\(name).solverstate"))
    }
    #expect(try String(decoding: folder.bytes("train.log"), as: UTF8.self) == outcome.words)
  }

  @Test("going on from a snapshot gives byte for byte what an unbroken training gives")
  func resume() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("whole.prototxt", iterations: 20, snapshot: 20, prefix: "whole")
    try folder.writeSolver("half.prototxt", iterations: 10, snapshot: 10, prefix: "half")
    try folder.writeSolver("rest.prototxt", iterations: 20, snapshot: 20, prefix: "rest")
    #expect(try Self.train("whole.prototxt", in: folder).code == 0)
    #expect(try Self.train("half.prototxt", in: folder).code == 0)
    let rest = try Self.train("rest.prototxt", "--snapshot", "half_iter_10.solverstate", in: folder)
    #expect(rest.code == 0, "\(rest.words)")
    #expect(try folder.bytes("rest_iter_20.caffemodel") == folder.bytes("whole_iter_20.caffemodel"))
    #expect(try folder.bytes("rest_iter_20.caffemodel") != folder.bytes("half_iter_10.caffemodel"))
  }

  @Test("SIGHUP leaves a snapshot and goes on, SIGINT leaves one and stops")
  func signals() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("long.prototxt", iterations: 1_000_000_000, snapshot: 0, prefix: "long", display: 1000)
    let training = try Program.start("train", "--solver", "long.prototxt", "--threads", "1", in: folder)
    defer { training.send(SIGKILL) }
    #expect(training.waits(for: "Iteration 0, lr"))
    training.send(SIGHUP)
    #expect(training.waits(for: "Snapshotting solver state"))
    training.send(SIGINT)
    let outcome = training.outcome()
    #expect(outcome.code == 0, "\(outcome.words.suffix(500))")
    let snapshots = outcome.lines.filter { $0.hasPrefix("Snapshotting to binary proto file ") }.map {
      $0.split(separator: " ").last ?? ""
    }
    #expect(Set(snapshots).count == 2)
    for name in snapshots { #expect(folder.contains(String(name))) }
    #expect(outcome.lines.contains("Optimization stopped early."))
    #expect(!outcome.lines.contains("Optimization Done."))
  }

  @Test("a snapshot that cannot be written ends the training with its name")
  func unwritable() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 5, snapshot: 5, prefix: "gone/tiny")
    let outcome = try Self.train("solver.prototxt", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.words.contains("gone/tiny") && outcome.words.contains("No such file or directory"), "\(outcome.words)")
  }

  @Test(
    "a disk that is full at a snapshot ends the training and leaves earlier snapshots whole",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullDisk() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 10, snapshot: 5, prefix: "tiny")
    #expect(try Self.train("solver.prototxt", in: folder).code == 0)
    let before = try ["tiny_iter_5.caffemodel", "tiny_iter_5.solverstate"].map(folder.bytes)
    let outcome = try Program.runOnFullDisk(
      ["train", "--solver", "solver.prototxt", "--threads", "1"], output: "tiny_iter_10.caffemodel", in: folder)
    #expect(outcome.code == 1)
    #expect(
      outcome.lines.last == "caffe: tiny_iter_10.caffemodel: cannot write: No space left on device",
      "\(outcome.words.suffix(300))")
    #expect(try ["tiny_iter_5.caffemodel", "tiny_iter_5.solverstate"].map(folder.bytes) == before)
    #expect(try !folder.hasLeftovers)
  }

  @Test("a snapshot that is none, or of another net, is refused")
  func wrongSnapshot() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 5, snapshot: 5, prefix: "tiny")
    try folder.write("no state", to: "wrong.solverstate")
    let outcome = try Self.train("solver.prototxt", "--snapshot", "wrong.solverstate", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.words.contains("caffe: wrong.solverstate: "), "\(outcome.words)")
    #expect(!folder.contains("tiny_iter_5.caffemodel"))
  }
}
