import CaffeOneDNN
import CaffePlan
import Synchronization
import Testing

@Suite("The pool of oneDNN's threads")
struct OpenMPPoolTests {
  /// What happened to each unit and worker.
  private struct Record {
    var runs: [Int]
    var busy: Set<Int> = []
    var clashes = 0
    var workers: Set<Int> = []
  }

  @Test("runs each unit once, and no two of a worker at the same time", arguments: [1, 2, 3, 7])
  func units(threads: Int) throws {
    let pool = try #require(try OneDNNBackend().pool(threads: threads) ?? DispatchPool(threads: threads))
    for count in [0, 1, 2, 3, 5, 64, 1000] {
      let record = Mutex(Record(runs: [Int](repeating: 0, count: count)))
      pool.run(units: count) { unit, worker in
        record.withLock {
          $0.runs[unit] += 1
          $0.workers.insert(worker)
          if !$0.busy.insert(worker).inserted { $0.clashes += 1 }
        }
        record.withLock { _ = $0.busy.remove(worker) }
      }
      let seen = record.withLock { $0 }
      #expect(seen.runs.allSatisfy { $0 == 1 }, "\(count) units: \(seen.runs)")
      #expect(seen.clashes == 0 && seen.workers.allSatisfy((0..<threads).contains))
    }
  }

  @Test("leaves what one thread is too slow for to the others")
  func help() throws {
    let pool = try #require(try OneDNNBackend().pool(threads: 2) ?? DispatchPool(threads: 2))
    guard pool is OpenMPPool else { return print("skipping the pool's help: there is no OpenMP here") }
    // The first unit of one range waits until all the others are done, those behind it among them.
    let done = Atomic<Int>(0)
    pool.run(units: 10) { unit, _ in
      if unit == 0 { while done.load(ordering: .acquiring) < 9 {} } else { done.add(1, ordering: .releasing) }
    }
    #expect(done.load(ordering: .acquiring) == 9)
  }
}
