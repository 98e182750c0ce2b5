import CaffeCore
import CaffePlan
import Testing

@Suite("A memory plan")
struct MemoryPlanTests {
  private static func demands(seed: Int) -> [MemoryPlan.Demand] {
    var random = SequentialRandom(RandomStream(seed: UInt64(seed), path: 0))
    return (0..<Int.random(in: 1...60, using: &random)).map { _ in
      let start = Int.random(in: 0...40, using: &random)
      return .init(
        byteCount: Int.random(in: 0...5000, using: &random), lifetime: start...start + Int.random(in: 0...12, using: &random))
    }
  }

  private static func bytes(_ plan: MemoryPlan, _ demands: [MemoryPlan.Demand], _ index: Int) -> Range<Int> {
    plan.offsets[index]..<plan.offsets[index] + max(1, demands[index].byteCount)
  }

  @Test("never lets two buffers that live at the same time lie over each other", arguments: [true, false])
  func disjoint(shares: Bool) {
    for seed in 0..<200 {
      let demands = Self.demands(seed: seed)
      let plan = MemoryPlan(demands, shares: shares)
      for a in demands.indices {
        for b in demands.indices.dropFirst(a + 1) where !shares || demands[a].lifetime.overlaps(demands[b].lifetime) {
          #expect(!Self.bytes(plan, demands, a).overlaps(Self.bytes(plan, demands, b)), "seed \(seed): \(a) and \(b)")
        }
      }
    }
  }

  @Test("begins buffers on cache lines and ends behind the last")
  func bounds() {
    for seed in 0..<200 {
      let demands = Self.demands(seed: seed)
      let plan = MemoryPlan(demands, shares: true)
      #expect(plan.offsets.allSatisfy { $0 >= 0 && $0 % MemoryPlan.alignment == 0 })
      #expect(demands.indices.allSatisfy { Self.bytes(plan, demands, $0).upperBound <= plan.byteCount })
    }
  }

  @Test("needs no more than without sharing, and no less than any moment does")
  func size() {
    for seed in 0..<200 {
      let demands = Self.demands(seed: seed)
      let shared = MemoryPlan(demands, shares: true).byteCount
      #expect(shared <= MemoryPlan(demands, shares: false).byteCount)
      let peak = (0...60).map { step in demands.filter { $0.lifetime.contains(step) }.reduce(0) { $0 + $1.byteCount } }.max() ?? 0
      #expect(shared >= peak)
    }
  }

  @Test("gives memory on once its content has been read for the last time")
  func reuse() {
    let demands: [MemoryPlan.Demand] = [
      .init(byteCount: 640, lifetime: 0...1), .init(byteCount: 640, lifetime: 1...2), .init(byteCount: 640, lifetime: 2...3),
    ]
    #expect(MemoryPlan(demands, shares: true).byteCount == 1280)
    #expect(MemoryPlan(demands, shares: false).byteCount == 1920)
    #expect(MemoryPlan([], shares: true).byteCount == 0)
  }
}
