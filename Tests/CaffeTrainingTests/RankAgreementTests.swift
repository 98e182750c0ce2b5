import CaffeTraining
import Synchronization
import Testing

@Suite("Ranks that work in turn")
struct RankAgreementTests {
  /// What each of 3 ranks ended with, and what rank 0 showed.
  private static func round(_ make: @escaping @Sendable (Int) throws -> String?) -> (ends: [String], shown: [[String]]) {
    let shown = Mutex<[[String]]>([])
    let results = ThreadRanks.run(3) { ranks in
      try RankAgreement(ranks).inTurn {
        try make(ranks.rank)
      } show: { values in
        shown.withLock { $0.append(values) }
      }
    }
    let ends = results.map { result in if case .failure(let error) = result { "\(error)" } else { "done" } }
    return (ends, shown.withLock { $0 })
  }

  @Test("rank 0 shows what all made, in their order, and nothing of those that had nothing to make")
  func all() {
    let (ends, shown) = Self.round { $0 == 1 ? nil : "item \($0)" }
    #expect(ends == ["done", "done", "done"])
    #expect(shown == [["item 0", "item 2"]])
  }

  @Test("what comes before the first failure is shown, and that rank's error is the one that ends all")
  func failure() {
    let (ends, shown) = Self.round { rank in
      if rank > 0 { throw RankError("item \(rank) is bad") }
      return "item 0"
    }
    #expect(ends == ["rank 1: item 1 is bad", "item 1 is bad", "rank 1: item 1 is bad"])
    #expect(shown == [["item 0"]])
  }

  @Test("one process fails by itself")
  func alone() {
    #expect(throws: RankError.self) {
      try RankAgreement(nil).inTurn { () throws -> String? in
        throw RankError("bad")
      } show: { _ in
        Issue.record("shown")
      }
    }
  }
}
