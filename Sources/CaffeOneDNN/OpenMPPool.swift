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
      let work = SharedWork(units: units, body: body)
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

/// Units that the threads of a team take one by one.
private final class SharedWork: Sendable {
  private let next = Atomic<Int>(0)
  private let workers = Atomic<Int>(0)
  private let units: Int
  private let body: @Sendable (_ unit: Int, _ worker: Int) -> Void

  init(units: Int, body: @escaping @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    self.units = units
    self.body = body
  }

  func drain() {
    let worker = workers.add(1, ordering: .relaxed).oldValue
    while true {
      let unit = next.add(1, ordering: .relaxed).oldValue
      guard unit < units else { return }
      body(unit, worker)
    }
  }
}

/// Runs `body` with oneDNN set to make primitives for that many threads.
func withPrimitiveThreads<R>(_ threads: Int, _ body: () throws -> R) rethrows -> R {
  let before = cdnn_openmp_threads()
  cdnn_openmp_set_threads(Int32(threads))
  defer { cdnn_openmp_set_threads(before) }
  return try body()
}
