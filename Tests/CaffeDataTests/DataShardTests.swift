import CaffeCore
import Testing

@Suite("Shares of a stream")
struct DataShardTests {
  /// The items that a taker has of the first `count`, by asking for one after the other.
  private static func items(_ shard: DataShard, block: Int, count: Int) -> [Int] {
    var (items, next) = ([Int](), 0)
    while true {
      next = shard.next(from: next, block: block)
      guard next < count else { return items }
      items.append(next)
      next += 1
    }
  }

  @Test("blocks go round", arguments: [1, 2, 3, 4])
  func rounds(count: Int) {
    for rank in 0..<count {
      let expected = (0..<60).filter { $0 / 5 % count == rank }
      #expect(Self.items(DataShard(rank: rank, count: count), block: 5, count: 60) == expected)
    }
  }

  @Test("a cycle begins with the first taker, whoever had the last block")
  func cycle() {
    // Five blocks of two for three takers: 0 1 2 0 1, and again.
    let owners = [0, 1, 2, 0, 1]
    for rank in 0..<3 {
      let expected = (0..<40).filter { owners[$0 / 2 % 5] == rank }
      #expect(Self.items(DataShard(rank: rank, count: 3, cycle: 5), block: 2, count: 40) == expected)
    }
    #expect(
      DataShard(rank: 0, count: 3, cycle: 5).end(1, block: 2) == 10
        && DataShard(rank: 1, count: 3, cycle: 5).end(12, block: 2) == 20)
    #expect(DataShard.whole.end(7, block: 5) == 7)
  }

  @Test("more takers than blocks: those without one have the last one too")
  func few() {
    #expect(Self.items(DataShard(rank: 5, count: 8, cycle: 2), block: 1, count: 6) == [1, 3, 5])
  }
}
