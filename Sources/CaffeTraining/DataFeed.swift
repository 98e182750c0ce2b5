import CaffeCore
import CaffeFormat
import CaffePlan

/// Brings a net its data: fills the inputs of a session before each forward pass.
public protocol DataFeed: AnyObject {
  /// Writes the next batch into the session's inputs.
  ///
  /// - Throws: what reading the data throws.
  func fill(_ session: Session) throws
  /// Seconds the net has waited for data so far.
  var secondsWaited: Double { get }
  /// How many records each source has given or passed over so far, by the name of its layer.
  var positions: [(layer: String, position: Int)] { get }
  /// What tells the data of each source from other data, such as how many records there are: a line each.
  var contents: [String] { get }
}

extension DataFeed {
  public var contents: [String] { [] }
}

/// Where the data of a net begin.
public struct DataStart: Sendable {
  /// Forward passes made before.
  public let passes: Int
  /// Which of the items from there on are used here.
  public private(set) var shard: DataShard
  private let positions: [String: Int]

  /// - Parameters:
  ///   - net: where a run before this one stood.
  ///   - passes: the passes made before, when nothing else is known.
  ///   - shard: which of the items are used here.
  public init(_ net: ResumeState.Net? = nil, passes: Int = 0, shard: DataShard = .whole) {
    self.passes = net?.passes ?? passes
    self.shard = shard
    positions = Dictionary((net?.sources ?? []).map { ($0.layer, $0.position) }) { $1 }
  }

  /// The same with all of the items.
  public var unshared: DataStart {
    var whole = self
    whole.shard = .whole
    return whole
  }

  /// The record that a layer's source begins with.
  ///
  /// - Throws: `SolverError` when it lies beyond what can be counted.
  public func position(ofLayer name: String, batchSize: Int) throws(SolverError) -> Int {
    if let position = positions[name] { return position }
    let (items, tooMany) = batchSize.multipliedReportingOverflow(by: shard.count)
    let (records, overflow) = passes.multipliedReportingOverflow(by: items)
    guard !tooMany, !overflow else { throw SolverError("iteration \(passes) lies beyond what a data position can count") }
    return records
  }
}

/// What builds the nets of a solver and their data.
public protocol SolverWorkshop {
  /// Builds a net from its source, with its data from `start` on.
  ///
  /// - Throws: `Diagnostics`, or what opening the data throws.
  func build(_ source: SolverDefinition.NetSource, state: NetRole, startingAt start: DataStart) throws -> SolverNet
}

/// What a net is for, with the state that selects its layers.
public struct NetRole: Sendable {
  public let state: NetState
  public let isTraining: Bool
  /// Whether every layer runs by itself, as `debug_info` shows them.
  public let isPlain: Bool
  /// Whether each weight is updated as soon as its gradient is there: then the gradients can share memory.
  public let takesGradientsEarly: Bool

  public init(state: NetState, isTraining: Bool, isPlain: Bool = false, takesGradientsEarly: Bool = false) {
    (self.state, self.isTraining, self.isPlain) = (state, isTraining, isPlain)
    self.takesGradientsEarly = takesGradientsEarly
  }
}

/// A net that a solver runs.
public struct SolverNet {
  public let session: Session
  /// nil for nets that make their own data.
  public let feed: (any DataFeed)?

  public init(session: Session, feed: (any DataFeed)?) {
    self.session = session
    self.feed = feed
  }

  /// Sets the session to where a run before this one stood.
  func resume(_ net: ResumeState.Net?, at start: DataStart) throws(RunError) {
    session.iteration = start.passes
    if let net { try session.restore(net.memories) }
  }

  /// Where it stands now.
  var resumeState: ResumeState.Net {
    var net = ResumeState.Net()
    net.passes = session.iteration
    net.memories = session.memories
    net.sources = (feed?.positions ?? []).map { layer, position in
      var source = ResumeState.Source()
      (source.layer, source.position) = (layer, position)
      return source
    }
    return net
  }
}
