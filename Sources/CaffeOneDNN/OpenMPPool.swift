import COneDNN
import CaffePlan
import Synchronization

/// The OpenMP team that oneDNN itself runs on, so that its kernels and ours never spin against each other.
public struct OpenMPPool: ComputePool {
  public let threads: Int

  /// nil when oneDNN was built with another runtime than GNU's OpenMP.
  public init?(threads: Int) {
    guard cdnn_openmp_available() != 0 else { return nil }
    self.threads = threads
  }

  /// OpenMP keeps the number of threads per calling thread.
  public func prepare() { cdnn_openmp_set_threads(Int32(threads)) }

  public func run(units: Int, _ body: @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    let workers = min(threads, units)
    guard workers > 1 else { return runAlone(units, body) }
    withoutActuallyEscaping(body) { body in
      let work = SharedWork(units: units, workers: workers, body: body)
      withExtendedLifetime(work) {
        cdnn_openmp_parallel(
          { context in
            guard let context else { return }
            Unmanaged<SharedWork>.fromOpaque(context).takeUnretainedValue().drain()
          }, Unmanaged.passUnretained(work).toOpaque(), UInt32(workers))
      }
    }
  }
}

extension OpenMPPool {
  /// A library call within a unit must not start a team of its own: how it would split its sums depends on the team's size.
  private func runAlone(_ units: Int, _ body: @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    cdnn_openmp_set_threads(1)
    defer { cdnn_openmp_set_threads(Int32(threads)) }
    for unit in 0..<units { body(unit, 0) }
  }
}

/// Units that the threads of a team take one by one: each first those of a range of its own, then what others have left. Ranges lie alike
/// from one piece of work to the next, so that what a thread reads is mostly what it wrote before, and is in its core's own cache.
// Counters are freed when no thread takes from them any more.
private final class SharedWork: @unchecked Sendable {
  /// The next unit of a range, with as much room as keeps it from sharing a line of the cache.
  private struct Counter: ~Copyable {
    let next: Atomic<Int>
    private let room: (Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0)
    private let more: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)

    init(_ first: Int) { next = Atomic(first) }
  }

  private let counters: UnsafeMutablePointer<Counter>
  private let units, workers: Int
  private let body: @Sendable (_ unit: Int, _ worker: Int) -> Void

  init(units: Int, workers: Int, body: @escaping @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    self.units = units
    self.workers = workers
    self.body = body
    counters = .allocate(capacity: workers)
    for worker in 0..<workers { (counters + worker).initialize(to: Counter(worker * units / workers)) }
  }

  deinit {
    counters.deinitialize(count: workers)
    counters.deallocate()
  }

  /// What one thread of the team does.
  func drain() {
    let worker = Int(cdnn_openmp_thread())
    for turn in 0..<workers {
      let range = (worker + turn) % workers
      let end = (range + 1) * units / workers
      while true {
        let unit = counters[range].next.add(1, ordering: .relaxed).oldValue
        guard unit < end else { break }
        body(unit, worker)
      }
    }
  }
}

extension ComputePool {
  /// Units that work is best cut into: some for each thread, so that one which is held up leaves some of its own to others.
  var wantedUnits: Int { 4 * threads }
}

/// Runs `body` with oneDNN set to make primitives for that many threads.
func withPrimitiveThreads<R>(_ threads: Int, _ body: () throws -> R) rethrows -> R {
  let before = cdnn_openmp_threads()
  cdnn_openmp_set_threads(Int32(threads))
  defer { cdnn_openmp_set_threads(before) }
  return try body()
}
