import Dispatch

/// Threads that share the units of one piece of work.
///
/// Results must not depend on the number of threads: where the order of sums matters, units are cut by sizes alone.
public protocol ComputePool: Sendable {
  var threads: Int { get }
  /// Readies the calling thread, for libraries that keep their thread count per thread.
  func prepare()
  /// Runs `body(0, w)` … `body(units − 1, w)`, in any order and at the same time; returns when all are done.
  ///
  /// - Parameter body: takes a unit and the number of the worker that runs it, below `threads`: no two units of one worker run at
  ///   the same time.
  func run(units: Int, _ body: @Sendable (_ unit: Int, _ worker: Int) -> Void)
}

extension ComputePool {
  public func prepare() {}
  /// Runs `body(0)` … `body(units − 1)`, in any order and at the same time; returns when all are done.
  public func run(units: Int, _ body: @Sendable (Int) -> Void) { run(units: units) { unit, _ in body(unit) } }

  /// Shares out work on elements that have nothing to do with each other, in stretches of a fixed length.
  ///
  /// - Parameters:
  ///   - length: elements that are worth a call of their own.
  ///   - body: takes the elements of a stretch.
  public func run(elements count: Int, by length: Int = 16384, _ body: @Sendable (Range<Int>) -> Void) {
    run(units: (count + length - 1) / length) { unit in body(unit * length..<min(count, (unit + 1) * length)) }
  }
}

/// All work on the calling thread.
public struct SerialPool: ComputePool {
  public let threads = 1
  public init() {}
  public func run(units: Int, _ body: @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    for unit in 0..<units { body(unit, 0) }
  }
}

/// Work shared by Dispatch's threads, for systems where no backend brings a pool.
public struct DispatchPool: ComputePool {
  public let threads: Int
  public init(threads: Int) { self.threads = threads }

  public func run(units: Int, _ body: @Sendable (_ unit: Int, _ worker: Int) -> Void) {
    let workers = min(threads, units)
    guard workers > 1 else { return SerialPool().run(units: units, body) }
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      for unit in stride(from: worker, to: units, by: workers) { body(unit, worker) }
    }
  }
}
