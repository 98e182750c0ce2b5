/// Runs a net over batches of its data and takes the means: `caffe test`, and the tests of a training.
///
/// Several ranks share the batches out; a net that goes on where its last pass ended is run by rank 0 alone.
public struct Scoring {
  public let net: SolverNet
  /// How detections are scored.
  public var averagePrecision = AveragePrecision.integral
  /// Takes the lines of a net that says `debug_info: true`, which must be built for it (`NetRole.isPlain`).
  public var debugLog: ((String) -> Void)?
  var debugInfo: DebugInfo?
  private let ranks: (any Communicator)?

  /// - Parameter ranks: the processes that share the work, whose feeds have shards with a cycle of as many batches as `run` makes.
  public init(net: SolverNet, ranks: (any Communicator)? = nil) {
    self.net = net
    self.ranks = ranks
  }

  /// - Parameters:
  ///   - beforeRound: asked before each batch, of several ranks before one of each, whether to go on; all ranks must say the same.
  ///   - onBatch: told each batch's number and outputs; of several ranks on rank 0 alone.
  /// - Returns: the means, on all ranks; nil when stopped.
  /// - Throws: `RunError`, or what reading data or the transport throws.
  public func run(
    iterations: Int, beforeRound: () throws -> Bool = { true }, onBatch: (Int, NetOutputs) -> Void = { _, _ in }
  ) throws -> NetOutputs? {
    var (sum, done): (NetOutputs?, Int) = (nil, 0)
    let (first, agreement) = (net.session.iteration, RankAgreement(ranks))
    for round in 0..<rounds(max(0, iterations)) {
      guard try beforeRound() else { return nil }
      let batch = isShared ? round * (ranks?.size ?? 1) + (ranks?.rank ?? 0) : round
      let isMine = isShared ? batch < iterations : ranks?.isFirst ?? true
      for outputs in try agreement.gather(isMine ? try outputs(ofPass: first + batch) : nil, averagePrecision: averagePrecision) {
        onBatch(done, outputs)
        sum.add(outputs)
        done += 1
      }
    }
    // The next test's draws go on from here, whoever made the last pass.
    net.session.iteration = first + max(0, iterations)
    let empty = NetOutputs(loss: 0, values: [])
    return sum?.divided(by: Float(iterations)) ?? (ranks?.isFirst == false ? empty : nil)
  }

  private var isShared: Bool { ranks != nil && !net.session.plan.hasState }

  private func rounds(_ batches: Int) -> Int { isShared ? ranks?.rounds(of: batches) ?? batches : batches }

  private func outputs(ofPass pass: Int) throws -> NetOutputs {
    net.session.iteration = pass
    try net.feed?.fill(net.session)
    try (debugInfo ?? ownDebugInfo)?.forward() ?? net.session.forward()
    return NetOutputs(net.session, averagePrecision: averagePrecision)
  }

  private var ownDebugInfo: DebugInfo? {
    guard net.session.plan.graph.graph.definition.debugInfo else { return nil }
    return debugLog.map { DebugInfo(session: net.session, log: $0) }
  }
}
