import Foundation
import Testing

/// The built program under Open MPI's mpirun.
@Suite("The program on several ranks", .enabled(if: Program.isBuilt && MPI.isThere), .serialized)
struct MPITests {
  private func folder(batch: Int) throws -> Workplace {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    // Each rank drops other activations than one process does.
    let net = try String(decoding: folder.bytes("net.prototxt"), as: UTF8.self)
      .replacing(#/layer . name: "drop1".*\n/#, with: "")
    // The first of the two data layers is that of training.
    let changed = net.replacing("batch_size: 8 backend: LMDB", with: "batch_size: \(batch) backend: LMDB", maxReplacements: 1)
    try folder.write(changed, to: "net.prototxt")
    try folder.writeSolver("solver.prototxt", iterations: 10, snapshot: 5, prefix: "tiny")
    return folder
  }

  /// Log lines without what depends on the clock, and without those that one process does not have.
  private func lines(_ outcome: Program.Outcome) -> [String] {
    outcome.lines.filter { $0.contains("loss =") || $0.contains("accuracy =") || $0.contains("Snapshotting") }
      .map { $0.replacing(#/\([^()]* iters\)/#, with: "") }
  }

  @Test("training on 2 and on 3 ranks has the log of one process with the whole batch", arguments: [2, 3])
  func train(ranks: Int) throws {
    let (one, several) = (try folder(batch: 12), try folder(batch: 12 / ranks))
    let arguments = ["train", "-solver", "solver.prototxt", "--threads", "1"]
    let (alone, together) = (try Program.run(arguments, in: one), try MPI.run(ranks, arguments, in: several))
    #expect(alone.code == 0 && together.code == 0, "\(together.words.suffix(1000))")
    #expect(lines(together) == lines(alone))
    #expect(lines(alone).count > 10)
    #expect(together.lines.contains { $0.hasPrefix("Training on \(ranks) ranks, the first on ") })
    #expect(together.lines.contains { $0.hasPrefix("All-reduce: ") && $0.hasSuffix(" % hidden.") })
    #expect(several.contains("tiny_iter_10.solverstate"))
  }

  @Test("tests and features on 3 ranks are those of one process, byte for byte")
  func share() throws {
    let folder = try folder(batch: 8)
    #expect(try Program.run("train", "-solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    let test = ["test", "--model", "net.prototxt", "--weights", "tiny_iter_10.caffemodel", "--iterations", "5", "--json"]
    let (alone, together) = (try Program.run(test, in: folder), try MPI.run(3, test, in: folder))
    #expect(together.code == 0 && !alone.results.isEmpty)
    #expect(together.results == alone.results && together.lines == alone.lines)
    func extract(_ name: String) -> [String] {
      ["extract-features", "tiny_iter_10.caffemodel", "net.prototxt", "ip1", "\(name).npy", "5"]
    }
    #expect(try Program.run(extract("alone"), in: folder).code == 0)
    #expect(try MPI.run(3, extract("together"), in: folder).code == 0)
    #expect(try folder.bytes("alone.npy") == folder.bytes("together.npy"))
  }

  @Test("a rank that fails ends the job with its number")
  func failure() throws {
    let folder = try folder(batch: 8)
    try folder.write("net: 'missing.prototxt'", to: "broken.prototxt")
    let outcome = try MPI.run(
      ["1", "train", "-solver", "solver.prototxt", ":", "-n", "1"], ["train", "-solver", "broken.prototxt"], in: folder)
    #expect(outcome.code != 0)
    #expect(outcome.lines.contains { $0.hasPrefix("caffe: rank 1 of 2 (") }, "\(outcome.words.suffix(1000))")
    #expect(!folder.contains("tiny_iter_5.solverstate"))
  }
}

/// Open MPI's launcher.
enum MPI {
  private static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { "\($0)/mpirun" }
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  /// Whether it is there; says so when it is not.
  static let isThere: Bool = {
    if path == nil { print("skipping the tests on several ranks: there is no mpirun (package openmpi-bin)") }
    return path != nil
  }()

  static func run(_ ranks: Int, _ arguments: [String], in folder: Workplace) throws -> Program.Outcome {
    try run(["\(ranks)"], arguments, in: folder)
  }

  /// - Parameter first: what stands behind `-n`: a number of ranks, or one with the words of its program, and further ranks.
  static func run(_ first: [String], _ arguments: [String], in folder: Workplace) throws -> Program.Outcome {
    let (program, launcher) = (try #require(Program.path), try #require(path))
    // Neither who runs the tests nor how many cores there are matters, nor that a container forbids one rank to read another's memory.
    let options = ["--oversubscribe", "--bind-to", "none", "--mca", "btl_vader_single_copy_mechanism", "none", "-n"]
    let words = [first[0], first.count > 1 ? program : nil].compactMap { $0 } + first.dropFirst() + [program] + arguments
    let environment = ["OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"]
    return try Running(launcher, options + words, in: folder, environment: environment).outcome()
  }
}
