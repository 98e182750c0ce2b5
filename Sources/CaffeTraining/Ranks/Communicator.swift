/// The processes that work on one job, as one of them sees them. MPI's word for a process's number is its rank.
///
/// All ranks call the same methods in the same order, each from one thread. Training knows nothing of what carries the bytes.
public protocol Communicator: AnyObject, Sendable {
  /// This process's number, from 0.
  var rank: Int { get }
  /// How many there are.
  var size: Int { get }
  /// Begins to add up the ranks' values, in place: until `wait` of what it returns is over nobody may touch them.
  ///
  /// - Throws: what the transport reports, as all of these methods do.
  func startSum(_ values: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum
  /// The same in double precision.
  func startSum(_ values: UnsafeMutableBufferPointer<Double>) throws -> any PendingSum
  /// Replaces bytes by those of rank 0.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws
  /// The largest of the ranks' values, for each place; waits for all ranks.
  func maximum(_ values: [Int]) throws -> [Int]
  /// Sends bytes to rank 0, of any number from each.
  ///
  /// - Returns: on rank 0 those of each rank, in their order; elsewhere nothing.
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]]
}

/// A sum that is being made.
public protocol PendingSum: AnyObject {
  /// Waits until the sum is where the values were.
  ///
  /// - Throws: what the transport reports.
  func wait() throws
  /// When it was begun and when it was done; nil before that.
  var duration: Range<ContinuousClock.Instant>? { get }
}

extension Communicator {
  /// Whether this process logs, tests and writes for all.
  public var isFirst: Bool { rank == 0 }

  /// The batches of `count` that this rank makes when they go round.
  public func batches(of count: Int) -> StrideTo<Int> { stride(from: rank, to: count, by: size) }

  /// How often they go round.
  public func rounds(of count: Int) -> Int { (count + size - 1) / size }
}

/// Something that went wrong between the ranks of a job, or a difference between them.
public struct RankError: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
