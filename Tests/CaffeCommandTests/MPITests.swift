import Foundation
import Testing

/// The built program under Open MPI's mpirun.
@Suite("The program on several ranks", .enabled(if: Program.isBuilt && MPI.isThere), .serialized)
struct MPITests {
  /// - Parameter layers: what stands between the two layers that learn.
  private func folder(batch: Int, layers: String = "") throws -> Workplace {
    let folder = try Workplace()
    _ = try folder.drawDigits()
    // Each rank drops other activations than one process does.
    let net = try String(decoding: folder.bytes("net.prototxt"), as: UTF8.self)
      .replacing(#/layer . name: "drop1".*\n/#, with: layers)
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

  /// What the program says: mpirun tells of each signal that it passes on, such as those of a system that stops a job for a while.
  private func words(_ outcome: Program.Outcome) -> [String] { outcome.lines.filter { !$0.hasPrefix("mpirun: ") } }

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

  private static let batchNorm = """
    layer { name: "bn1" type: "BatchNorm" bottom: "ip1" top: "ip1" }
    layer { name: "scale1" type: "Scale" bottom: "ip1" top: "ip1" scale_param { bias_term: true } }

    """

  /// How far apart the numbers of two logs are, in terms of the larger of 1 and the number itself; nil where lines differ otherwise.
  private func distance(_ left: Program.Outcome, _ right: Program.Outcome) -> Double? {
    let number = #/-?\d+\.?\d*(e-?\d+)?/#
    let (left, right) = (lines(left), lines(right))
    guard left.map({ $0.replacing(number, with: "") }) == right.map({ $0.replacing(number, with: "") }) else { return nil }
    func numbers(_ lines: [String]) -> [Double] { lines.flatMap { $0.matches(of: number).compactMap { Double($0.output.0) } } }
    return zip(numbers(left), numbers(right)).map { abs($0 - $1) / max(1, abs($0)) }.max()
  }

  // Tests show the statistics that were kept.
  @Test("with --sync-batch-norm a net with BatchNorm has on 2 ranks the log that one process has")
  func syncBatchNorm() throws {
    let (one, several) = (try folder(batch: 12, layers: Self.batchNorm), try folder(batch: 6, layers: Self.batchNorm))
    let arguments = ["train", "-solver", "solver.prototxt", "--threads", "1"]
    let alone = try Program.run(arguments + ["--sync-batch-norm"], in: one)
    let together = try MPI.run(2, arguments + ["--sync-batch-norm"], in: several)
    #expect(alone.code == 0 && together.code == 0, "\(together.words.suffix(1000))")
    #expect(try #require(distance(together, alone)) < 1e-4)
    #expect(lines(alone).count > 10)
    // Of 10 iterations, and the forward pass behind the last.
    #expect(together.lines.contains { $0.hasPrefix("BatchNorm over all ranks: 21 sums, 0.3 kB and ") })
    #expect(alone.lines.contains("--sync-batch-norm changes nothing: this process trains alone."))
    let each = try MPI.run(2, arguments, in: several)
    #expect(try #require(distance(each, alone)) > 1e-2)
  }

  /// A folder with weights and pictures, and what classifies with them.
  private func pictures() throws -> (folder: Workplace, classify: [String], pictures: [String]) {
    let folder = try folder(batch: 8)
    #expect(try Program.run("train", "-solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    let draw = try Program.run("data", "digits", "more", "--train", "8", "--test", "8", "--samples", "5", in: folder)
    #expect(draw.code == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.file("more/samples")).sorted()
    let classify = ["classify", "deploy.prototxt", "--weights", "tiny_iter_10.caffemodel", "--top", "3", "--threads", "1"]
    return (folder, classify, names.map { "more/samples/\($0)" })
  }

  @Test("classify names an odd number of pictures on 2 and 3 ranks as one process does", arguments: [2, 3])
  func classify(ranks: Int) throws {
    let (folder, classify, pictures) = try pictures()
    try #require(pictures.count == 5)
    for arguments in [classify + pictures, classify + ["--json"] + pictures, classify + pictures.prefix(1)] {
      let (alone, together) = (try Program.run(arguments, in: folder), try MPI.run(ranks, arguments, in: folder))
      #expect(alone.code == 0 && together.code == 0, "\(together.words.suffix(1000))")
      #expect(together.results == alone.results)
      #expect(words(together) == words(alone))
    }
  }

  @Test("a picture that is none ends classify on 2 ranks where it ends one process, in the words of the rank that had it")
  func badPicture() throws {
    let (folder, classify, pictures) = try pictures()
    try folder.write("hello", to: "text.jpg")
    for (place, rank) in [(0, 0), (1, 1), (2, 0), (3, 1)] {
      // Another one behind it is not heard of.
      let list = pictures.prefix(place) + ["text.jpg", "text.jpg"] + pictures.suffix(1)
      let (alone, together) = (try Program.run(classify + list, in: folder), try MPI.run(2, classify + list, in: folder))
      #expect(alone.code == 1 && together.code != 0)
      #expect(together.results == alone.results, "\(place)")
      let words = together.lines.filter { $0.hasPrefix("caffe: ") }
      #expect(words.count == 1 && words[0].hasPrefix("caffe: rank \(rank) of 2 ("), "\(together.words.suffix(1000))")
      #expect(words.first?.contains("): text.jpg: neither a JPEG nor a PNG image") == true)
    }
  }

  @Test("tests and features on 3 ranks are those of one process, byte for byte")
  func share() throws {
    let folder = try folder(batch: 8)
    #expect(try Program.run("train", "-solver", "solver.prototxt", "--threads", "1", in: folder).code == 0)
    let test = ["test", "--model", "net.prototxt", "--weights", "tiny_iter_10.caffemodel", "--iterations", "5", "--json"]
    let (alone, together) = (try Program.run(test, in: folder), try MPI.run(3, test, in: folder))
    #expect(together.code == 0 && !alone.results.isEmpty)
    #expect(together.results == alone.results && words(together) == words(alone))
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
