import Dispatch
import Synchronization

/// Work on items that have nothing to do with each other, on all cores.
enum ParallelWork {
  private static let workers = 8

  /// What `body` makes of 0 ..< `count`, in that order.
  static func map<Result: Sendable>(_ count: Int, _ body: @Sendable (Int) -> Result) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count))
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for index in stride(from: worker, to: count, by: workers) {
        let result = body(index)
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0.compactMap(\.self) }
  }
}
