import Dispatch
import Synchronization

/// Work on items that have nothing to do with each other, on several threads.
package enum ParallelWork {
  /// What `body` makes of 0 ..< `count`, in that order.
  ///
  /// - Parameter workers: the most threads that work on it; at least 1.
  package static func map<Result: Sendable>(_ count: Int, workers: Int = 8, _ body: @Sendable (Int) -> Result) -> [Result] {
    let workers = max(1, min(workers, count))
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
