/// What ranks decide together, and what they find for the batches of a test: brought together on rank 0 in the order of the batches,
/// means are those of one process to the bit.
public struct RankAgreement {
  /// A batch's outputs on their way.
  private struct Record: Codable {
    let loss: Float
    let values: [NetOutputs.Value]
    let detections: [String: DetectionScore]
  }

  private let ranks: (any Communicator)?

  /// - Parameter ranks: nil for one process.
  public init(_ ranks: (any Communicator)?) { self.ranks = ranks }

  /// The outputs of a round, in the order of the batches; elsewhere than on rank 0 none.
  ///
  /// - Parameter mine: what this rank has; nil where there was no batch for it.
  /// - Throws: what the transport throws.
  func gather(_ mine: NetOutputs?, averagePrecision: AveragePrecision) throws -> [NetOutputs] {
    guard let ranks else { return mine.map { [$0] } ?? [] }
    let bytes = try mine.map { try RankRecord.bytes(Record(loss: $0.loss, values: $0.values, detections: $0.detections)) }
    return try ranks.gather(bytes ?? []).filter { !$0.isEmpty }.map { bytes in
      let record = try RankRecord.value(Record.self, bytes)
      return NetOutputs(
        loss: record.loss, values: record.values, detections: record.detections, averagePrecision: averagePrecision)
    }
  }

  /// Whether it is so on any of the ranks.
  ///
  /// - Throws: what the transport throws.
  public func agreed(on flag: Bool) throws -> Bool {
    try ranks.map { try $0.maximum([flag ? 1 : 0])[0] == 1 } ?? flag
  }

  /// What the strongest of the ranks' wishes is.
  ///
  /// - Throws: what the transport throws.
  func agreed(_ action: Solver.Action) throws -> Solver.Action {
    guard let ranks else { return action }
    let wish = try ranks.maximum([action == .stop ? 2 : action == .snapshot ? 1 : 0])[0]
    return wish == 2 ? .stop : wish == 1 ? .snapshot : .none
  }

  /// Lets rank 0 do something that may fail, and fails on all ranks when it does.
  ///
  /// - Throws: on rank 0 what `body` throws, elsewhere a `RankError`.
  public func agreeing(_ body: () throws -> Void) throws {
    guard let ranks else { return try body() }
    var failure: (any Error)?
    do { if ranks.isFirst { try body() } } catch { failure = error }
    let hasFailed = try ranks.maximum([failure == nil ? 0 : 1])[0] == 1
    if let failure { throw failure }
    if hasFailed { throw RankError("rank 0 has failed, and says why") }
  }

  /// What a rank has made in a round.
  private struct Turn<Value: Codable>: Codable {
    /// nil where it had nothing to make, or failed.
    var value: Value?
    var hasFailed = false
  }

  /// Lets each rank make something, and rank 0 show what was made: in the order of the ranks, as far as the first that failed.
  ///
  /// - Parameters:
  ///   - make: gives nil where there is nothing to make for this rank.
  ///   - show: called on rank 0 alone, before any rank fails.
  /// - Throws: on the first rank that failed what `make` throws, on the others a `RankError` when that rank ends the job; what `show`
  ///   or the transport throws.
  public func inTurn<Value: Codable>(_ make: () throws -> Value?, show: ([Value]) throws -> Void) throws {
    guard let ranks else { return try show(make().map { [$0] } ?? []) }
    var (turn, failure) = (Turn<Value>(), (any Error)?.none)
    do { turn.value = try make() } catch { (turn.hasFailed, failure) = (true, error) }
    let turns = try ranks.gather(RankRecord.bytes(turn)).map { try RankRecord.value(Turn<Value>.self, $0) }
    if ranks.isFirst { try show(turns.prefix { !$0.hasFailed }.compactMap(\.value)) }
    // The larger the number, the earlier the rank.
    let failed = ranks.size - (try ranks.maximum([failure == nil ? 0 : ranks.size - ranks.rank])[0])
    guard failed < ranks.size else { return }
    if failed == ranks.rank, let failure { throw failure }
    // It ends the job: words of others would only get in the way of its own.
    _ = try ranks.maximum([])
    throw RankError("rank \(failed) has failed, and says why")
  }
}
