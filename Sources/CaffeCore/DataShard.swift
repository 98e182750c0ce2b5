/// Which items of a stream one of several takers has: of blocks as long as a batch, one after the other in turn.
///
/// All takers together have what a single one would have that takes batches as many times as long, in that order.
public struct DataShard: Sendable, Hashable {
  /// All items.
  public static let whole = DataShard(rank: 0, count: 1)

  /// Which taker, from 0.
  public let rank: Int
  /// How many takers there are.
  public let count: Int
  /// Blocks after which it is the first taker's turn again.
  public let cycle: Int

  /// - Parameter cycle: blocks after which the first taker's turn comes again, whoever had the last one; by default one for each. A
  ///   taker for whom there is none has the last one too.
  public init(rank: Int, count: Int, cycle: Int? = nil) {
    self.count = max(1, count)
    self.cycle = max(1, cycle ?? count)
    self.rank = min(max(0, rank), self.cycle - 1)
  }

  /// Whether all items are taken.
  public var isWhole: Bool { count == 1 }

  /// The first item taken from `item` on.
  ///
  /// - Parameters:
  ///   - item: counted from where the run began.
  ///   - block: items in a batch.
  public func next(from item: Int, block: Int) -> Int {
    guard !isWhole else { return item }
    let turn = item / block
    let place = turn % cycle
    let wait = (rank - place % count + count) % count
    guard wait > 0 else { return item }
    return (place + wait < cycle ? turn + wait : turn - place + cycle + rank) * block
  }

  /// Where all takers stand when this one has used the items before `item`, at the end of a turn of each.
  public func end(_ item: Int, block: Int) -> Int {
    guard !isWhole else { return item }
    let round = cycle * block
    return (item + round - 1) / round * round
  }
}
