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
}

/// What builds the nets of a solver and their data.
public protocol SolverWorkshop {
  /// Builds a net from its source, with its data from `iteration` passes on.
  ///
  /// - Throws: `Diagnostics`, or what opening the data throws.
  func build(_ source: SolverDefinition.NetSource, state: NetRole, startingAt iteration: Int) throws -> SolverNet
}

/// What a net is for, with the state that selects its layers.
public struct NetRole: Sendable {
  public let state: NetState
  public let isTraining: Bool
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
}
