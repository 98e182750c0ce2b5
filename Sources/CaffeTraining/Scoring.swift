/// Runs a net over batches of its data and takes the means: `caffe test`.
public struct Scoring {
  public let net: SolverNet
  /// How detections are scored.
  public var averagePrecision = AveragePrecision.integral
  /// Takes the lines of a net that says `debug_info: true`, which must be built for it (`NetRole.isPlain`).
  public var debugLog: ((String) -> Void)?

  public init(net: SolverNet) { self.net = net }

  /// - Parameters:
  ///   - shouldStop: asked before each batch.
  ///   - onBatch: told each batch's number and outputs.
  /// - Returns: the means; nil when stopped.
  /// - Throws: `RunError`, or what reading data throws.
  public func run(
    iterations: Int, shouldStop: () -> Bool = { false }, onBatch: (Int, NetOutputs) -> Void = { _, _ in }
  ) throws -> NetOutputs? {
    var sum: NetOutputs?
    for batch in 0..<max(0, iterations) {
      if shouldStop() { return nil }
      try net.feed?.fill(net.session)
      try debugInfo?.forward() ?? net.session.forward()
      let outputs = NetOutputs(net.session, averagePrecision: averagePrecision)
      onBatch(batch, outputs)
      sum.add(outputs)
    }
    return sum?.divided(by: Float(iterations))
  }

  private var debugInfo: DebugInfo? {
    guard net.session.plan.graph.graph.definition.debugInfo else { return nil }
    return debugLog.map { DebugInfo(session: net.session, log: $0) }
  }
}
