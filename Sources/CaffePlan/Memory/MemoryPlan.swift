/// Where each buffer of a plan lies in the arena: a pure function of sizes and lifetimes.
public struct MemoryPlan: Sendable, Equatable {
  /// A buffer's demand.
  public struct Demand: Sendable {
    public let byteCount: Int
    /// The steps between which the content must survive, both included.
    public let lifetime: ClosedRange<Int>

    public init(byteCount: Int, lifetime: ClosedRange<Int>) {
      self.byteCount = byteCount
      self.lifetime = lifetime
    }
  }

  /// Buffers begin on cache lines.
  public static let alignment = 64

  /// Byte offset per demand.
  public let offsets: [Int]
  public let byteCount: Int

  /// Places the largest demands first, each into the lowest gap among those it shares time with.
  ///
  /// - Parameter shares: false gives each its own place.
  public init(_ demands: [Demand], shares: Bool) {
    var offsets = [Int](repeating: 0, count: demands.count)
    var placed: [(start: Int, end: Int, lifetime: ClosedRange<Int>)] = []
    var total = 0
    for index in demands.indices.sorted(by: { (demands[$1].byteCount, $0) < (demands[$0].byteCount, $1) }) {
      let size = MemoryPlan.rounded(demands[index].byteCount)
      let lifetime = demands[index].lifetime
      let start = shares ? MemoryPlan.gap(of: size, among: placed.filter { $0.lifetime.overlaps(lifetime) }) : total
      offsets[index] = start
      if shares { placed.append((start, start + size, lifetime)) }
      total = max(total, start + size)
    }
    self.offsets = offsets
    byteCount = total
  }

  /// Places buffers of so many bytes one behind the other, so that what was neighbours stays so.
  init(inOrder byteCounts: [Int]) {
    var offsets: [Int] = []
    byteCount = byteCounts.reduce(0) { total, bytes in
      offsets.append(total)
      return total + MemoryPlan.rounded(bytes)
    }
    self.offsets = offsets
  }

  private static func gap(of size: Int, among busy: [(start: Int, end: Int, lifetime: ClosedRange<Int>)]) -> Int {
    var start = 0
    for block in busy.sorted(by: { $0.start < $1.start }) {
      if block.start >= start + size { break }
      start = max(start, block.end)
    }
    return start
  }

  private static func rounded(_ bytes: Int) -> Int { (max(bytes, 1) + alignment - 1) / alignment * alignment }
}
