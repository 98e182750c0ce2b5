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

  /// A training whose data, dropout and tests all have a place to go on from.
  private static func killable(_ prefix: String, in folder: Workplace) throws {
    try folder.writeSolver("\(prefix).prototxt", iterations: 400, snapshot: 7, prefix: prefix)
  }

  private static func newestState(_ prefix: String, in folder: Workplace) throws -> String? {
    let states = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
      $0.hasPrefix("\(prefix)_iter_") && $0.hasSuffix(".solverstate")
    }
    return states.max { ($0.count, $0) < ($1.count, $1) }
  }

  @Test("killed fifty times at any moment, ends with the weights of an unbroken training")
  func kills() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try Self.killable("whole", in: folder)
    #expect(try Self.train("whole.prototxt", in: folder).code == 0)
    let whole = try folder.bytes("whole_iter_400.caffemodel")
    var (kills, chain) = (0, 0)
    while kills < 50 {
      let prefix = "part\(chain)"
      chain += 1
      try Self.killable(prefix, in: folder)
      while !folder.contains("\(prefix)_iter_400.solverstate") {
        let state = try Self.newestState(prefix, in: folder).map { ["--snapshot", $0] } ?? []
        let training = try Program.start(["train", "--solver", "\(prefix).prototxt", "--threads", "1"] + state, in: folder)
        Thread.sleep(forTimeInterval: Double.random(in: 0.01...0.3))
        training.send(SIGKILL)
        let outcome = training.outcome()
        if outcome.code == SIGKILL { kills += 1 } else { #expect(outcome.code == 0, "\(outcome.words.suffix(300))") }
      }
      #expect(try folder.bytes("\(prefix)_iter_400.caffemodel") == whole, "chain \(chain), after \(kills) kills")
    }
  }

  @Test(
    "on a small disk goes on without its snapshots when told to",
    .enabled(if: SmallDisk.isPossible, "no file system can be mounted"))
  func smallDisk() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    let disk = try #require(SmallDisk(at: folder.file("disk")))
    try folder.writeSolver("solver.prototxt", iterations: 200, snapshot: 2, prefix: "disk/tiny")
    let stopped = try Self.train("solver.prototxt", in: folder)
    #expect(stopped.code == 1)
    #expect(stopped.lines.last?.hasSuffix("No space left on device") == true, "\(stopped.words.suffix(300))")
    let states = try FileManager.default.contentsOfDirectory(atPath: disk.path).filter { $0.hasSuffix(".solverstate") }
    #expect(!states.isEmpty)
    #expect(try !FileManager.default.contentsOfDirectory(atPath: disk.path).contains { $0.contains("partial") })
    // Every solver state that is there can be gone on from: its weights were written before it.
    try folder.writeSolver("rest.prototxt", iterations: 202, snapshot: 0, prefix: "rest")
    for state in states {
      #expect(try Self.train("rest.prototxt", "--snapshot", "disk/\(state)", in: folder).code == 0, "\(state)")
    }
    let going = try Self.train("solver.prototxt", "--on-snapshot-error", "continue", in: folder)
    #expect(going.lines.contains { $0.hasPrefix("This snapshot failed, and the training goes on: disk/tiny_iter_") })
    #expect(going.lines.contains { $0.hasPrefix("Iteration 195 ") })
    #expect(going.code == 1, "the last snapshot is the training's result")
  }

  @Test("events go to lines of JSON and to a folder for TensorBoard")
  func record() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 10, snapshot: 5, prefix: "tiny")
    let outcome = try Self.train("solver.prototxt", "--log", "logs/run.jsonl", "--tensorboard", "board", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    let lines = String(decoding: try folder.bytes("logs/run.jsonl"), as: UTF8.self).split(separator: "\n")
    let events = try lines.map { try #require(JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]) }
    #expect(
      events.compactMap { $0["event"] as? String } == [
        "test", "train", "snapshot", "test", "train", "snapshot", "train", "test", "end",
      ])
    #expect(events.compactMap { $0["iteration"] as? Int } == [0, 0, 5, 5, 5, 10, 10, 10, 10])
    #expect(events[8]["loss"] as? Double == events[6]["loss"] as? Double && events[8]["loss"] is Double)
    #expect((events[0]["outputs"] as? [String: Double])?.keys.sorted() == ["accuracy", "loss"])
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.file("board"))
    #expect(files.count == 1 && files[0].hasPrefix("events.out.tfevents."))
    // The curves are those of the log for people.
    try folder.write(outcome.words, to: "run.log")
    let pictures = try ["logs/run.jsonl", "run.log"].map { log in
      #expect(try Program.run("plot", log, "-o", "curves.svg", in: folder).code == 0)
      return try String(decoding: folder.bytes("curves.svg"), as: UTF8.self).matches(of: #/points="[^"]+"/#).map(\.output)
    }
    #expect(pictures[0] == pictures[1] && pictures[0].count > 1)
  }

  @Test("going on is told once, with the state and its iteration, and is an event")
  func resumed() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("half.prototxt", iterations: 5, snapshot: 5, prefix: "half")
    try folder.writeSolver("rest.prototxt", iterations: 6, snapshot: 0, prefix: "rest")
    #expect(try Self.train("half.prototxt", in: folder).code == 0)
    let rest = try Self.train("rest.prototxt", "--snapshot", "half_iter_5.solverstate", "--log", "run.jsonl", in: folder)
    #expect(rest.code == 0, "\(rest.words)")
    #expect(
      rest.lines.contains("Going on from half_iter_5.solverstate at iteration 5, with the weights of half_iter_5.caffemodel."))
    #expect(rest.lines.count { $0.hasPrefix("Copied weights of ") } == 1)
    let first = String(decoding: try folder.bytes("run.jsonl"), as: UTF8.self).split(separator: "\n").first
    #expect(first == #"{"event":"resumed","iteration":5,"state":"half_iter_5.solverstate"}"#)
  }

  @Test("a solver's net is found beside it where the path it gives leads nowhere")
  func moved() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try FileManager.default.createDirectory(atPath: folder.file("pulled"), withIntermediateDirectories: false)
    try folder.writeSolver("pulled/solver.prototxt", iterations: 1, snapshot: 0, prefix: "tiny")
    let text = String(decoding: try folder.bytes("pulled/solver.prototxt"), as: UTF8.self)
    try folder.write(text.replacing("net: \"net", with: "net: \"models/tiny/inner"), to: "pulled/solver.prototxt")
    try FileManager.default.moveItem(atPath: folder.file("net.prototxt"), toPath: folder.file("pulled/inner.prototxt"))
    let outcome = try Self.train("pulled/solver.prototxt", in: folder)
    #expect(outcome.code == 0, "\(outcome.words)")
    #expect(try Program.run("check", "pulled/solver.prototxt", in: folder).code == 0)
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
    // Iterations behind that of the snapshot, which another one needs: two tests begin.
    #expect(training.waits { $0.contains(#/(?s)Snapshotting solver state.*Testing net.*Testing net/#) })
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

  /// A handler on the stack of whatever kernel runs would write over memory that kernels of oneDNN have there.
  @Test("signals at any moment do not harm what is computed")
  func manySignals() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("calm.prototxt", iterations: 2000, snapshot: 0, prefix: "calm", display: 1000)
    try folder.writeSolver("pelted.prototxt", iterations: 2000, snapshot: 0, prefix: "pelted", display: 1000)
    #expect(try Self.train("calm.prototxt", in: folder).code == 0)
    let training = try Program.start(
      "train", "--solver", "pelted.prototxt", "--threads", "1", "--sighup_effect", "none", in: folder)
    #expect(training.waits(for: "Solving tiny"))
    for _ in 0..<300 {
      training.send(SIGHUP)
      Thread.sleep(forTimeInterval: 0.002)
    }
    let outcome = training.outcome()
    #expect(outcome.code == 0, "\(outcome.words.suffix(300))")
    #expect(try folder.bytes("pelted_iter_2000.caffemodel") == folder.bytes("calm_iter_2000.caffemodel"))
  }

  @Test("a snapshot that cannot be written ends the training with its name")
  func unwritable() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 5, snapshot: 5, prefix: "solver.prototxt/tiny")
    let outcome = try Self.train("solver.prototxt", in: folder)
    #expect(outcome.code == 1)
    #expect(outcome.words.contains("solver.prototxt/tiny") && outcome.words.contains("Not a directory"), "\(outcome.words)")
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

  @Test(
    "a log that a full disk cannot take is given up with a word, once",
    .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func fullLog() throws {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    try folder.writeSolver("solver.prototxt", iterations: 5, snapshot: 5, prefix: "tiny")
    let outcome = try Self.train("solver.prototxt", "--log", "/dev/full", in: folder)
    #expect(outcome.code == 0)
    let complaint = "caffe: the log in a file is incomplete: /dev/full: cannot add to the file: No space left on device"
    #expect(outcome.lines.count { $0 == complaint } == 1, "\(outcome.words.suffix(600))")
    #expect(outcome.words.contains("Optimization Done."))
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
