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
    let pool = try OneDNNBackend().pool(threads: threads) ?? DispatchPool(threads: threads)
    for count in [0, 1, 2, 3, 5, 64, 1000] {
      let record = Mutex(Record(runs: [Int](repeating: 0, count: count)))
      pool.run(units: count) { unit, worker in
        record.withLock {
          $0.runs[unit] += 1
          $0.workers.insert(worker)
          if !$0.busy.insert(worker).inserted { $0.clashes += 1 }
        }
        // Long enough for another unit of the same worker to come in between.
        for _ in 0..<100 { record.withLock { _ in } }
        record.withLock { _ = $0.busy.remove(worker) }
      }
      let seen = record.withLock { $0 }
      #expect(seen.runs.allSatisfy { $0 == 1 }, "\(count) units: \(seen.runs)")
      #expect(seen.clashes == 0 && seen.workers.allSatisfy((0..<threads).contains))
    }
  }

  @Test("begins with units that lie alike from one piece of work to the next")
  func ranges() throws {
    guard let pool = try OneDNNBackend().pool(threads: 2) else {
      return print("skipping the pool's ranges: there is no OpenMP here")
    }
    // Both threads wait at their first unit until the other has one.
    let clock = ContinuousClock()
    let end = clock.now + .seconds(300)
    for _ in 0..<20 {
      let first = Mutex([Int: Int]())
      pool.run(units: 8) { unit, worker in
        first.withLock { if $0[worker] == nil { $0[worker] = unit } }
        while first.withLock({ $0.count }) < 2, clock.now < end {}
      }
      #expect(first.withLock { $0 } == [0: 0, 1: 4])
    }
  }

  @Test("leaves what one thread is too slow for to the others")
  func help() throws {
    guard let pool = try OneDNNBackend().pool(threads: 2) else {
      return print("skipping the pool's help: there is no OpenMP here")
    }
    // The first unit of a range waits, for some minutes at most, until all others are done, those behind it among them.
    let done = Atomic<Int>(0)
    let seen = Atomic<Int>(0)
    let clock = ContinuousClock()
    let end = clock.now + .seconds(300)
    pool.run(units: 10) { unit, _ in
      guard unit == 0 else {
        _ = done.add(1, ordering: .releasing)
        return
      }
      while done.load(ordering: .acquiring) < 9, clock.now < end {}
      seen.store(done.load(ordering: .acquiring), ordering: .releasing)
    }
    #expect(seen.load(ordering: .acquiring) == 9)
  }
}
