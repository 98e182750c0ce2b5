import CaffeCore
import CaffeFormat
import CaffeGraph

extension Solver {
  /// The seed of a rank's layers: each rank drops other activations. Rank 0 has that of the run.
  static func layerSeed(_ seed: UInt64, rank: Int) -> UInt64 {
    guard rank > 0 else { return seed }
    let words = RandomStream(seed: seed, path: layerDraws, UInt64(rank)).block(0)
    return UInt64(words[0]) << 32 | UInt64(words[1])
  }

  /// Tells the streams of ranks from others with the same seed.
  private static let layerDraws: UInt64 = 0x7261_6E6B

  /// Makes sure that all ranks train the same thing, and gives them all rank 0's weights. Does nothing for one process.
  ///
  /// - Parameter job: what else must be alike, such as the program's version.
  /// - Throws: `RankError` that names the rank and what differs, or what the transport throws.
  public func join(_ job: JobFingerprint) throws {
    guard let ranks else { return }
    try fingerprint(job).compare(over: ranks)
    for weight in net.session.weights.memory { try ranks.broadcast(weight.bytes) }
  }

  /// Gives all ranks the statistics that rank 0 has gathered, as a test shared out must go by one set of them.
  func shareStatistics() throws {
    guard let ranks else { return }
    for weight in net.session.weights.memory where !weight.isTrained { try ranks.broadcast(weight.bytes) }
  }

  private func fingerprint(_ job: JobFingerprint) throws -> JobFingerprint {
    var job = job
    job.add("solver", definition.text)
    job = net.fingerprint(job)
    for (index, net) in testNets.enumerated() { job = net.fingerprint(job, name: "test net (#\(index))") }
    job.add("source of BatchNorm's statistics", statisticsRecord == nil ? "the rank's batch" : "the batches of all ranks")
    job.add("iteration to begin with", "\(iteration)")
    job.add("history of the solver", try updater.checksum())
    return job
  }
}

extension SolverNet {
  /// Adds what two ranks that run this net must have alike: the net itself, its shapes, its data.
  public func fingerprint(_ job: JobFingerprint, name: String = "net") -> JobFingerprint {
    var job = job
    job.add(name, TextPrinter.print(session.plan.graph.graph.message))
    job.add("shape of a parameter of the \(name)", session.plan.graph.parameterLines)
    job.add("content of the data of the \(name)", (feed?.contents ?? []).joined(separator: "\n"))
    job.add(
      "layout of weights of the \(name)", session.weights.layoutLines.joined(separator: "\n"),
      advice:
        "processors that differ need the same kernels: set ONEDNN_MAX_CPU_ISA to what all of them have, or --engine reference")
    return job
  }
}

extension DataShard {
  /// What a rank takes of its data in training: batch after batch in turn.
  public static func training(_ ranks: (any Communicator)?) -> DataShard {
    ranks.map { DataShard(rank: $0.rank, count: $0.size) } ?? .whole
  }

  /// What a rank takes of the data of tests of that many batches each.
  public static func tests(_ batches: Int, _ ranks: (any Communicator)?) -> DataShard {
    ranks.map { DataShard(rank: $0.rank, count: $0.size, cycle: batches) } ?? .whole
  }
}

extension ShapedGraph {
  /// A line for each parameter with its shape.
  fileprivate var parameterLines: String {
    parameters.map { "\($0.layer) \($0.index): \($0.shape)" }.joined(separator: "\n")
  }
}
