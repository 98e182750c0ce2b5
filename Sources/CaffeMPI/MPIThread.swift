import CMPI
import CaffeTraining
import Dispatch
import Foundation
import Synchronization

/// The one thread that speaks MPI: it begins what others ask for, moves it on while they compute, and keeps signs of life going.
// What is not Sendable is used on the thread alone.
final class MPIThread: @unchecked Sendable {
  /// What others ask for.
  private struct Orders {
    var operations: [MPIOperation] = []
    var isLeaving = false
    var abortCode: Int32?
    var failure: RankError?
  }

  /// Between two looks while something is on its way: long enough to leave the core to those who compute.
  private static let pause: useconds_t = 50
  /// Between two looks while nothing is.
  private static let rest = DispatchTimeInterval.milliseconds(100)
  private static let heartbeatLook = Duration.milliseconds(100)

  private let orders = Mutex(Orders())
  private let bell = DispatchSemaphore(value: 0)
  private let over = DispatchSemaphore(value: 0)
  private let onFailure: @Sendable (String) -> Void
  private var active: [MPIOperation] = []
  /// Whether another rank was silent: then mpirun may be out of reach as well.
  private let isCutOff = Atomic(false)

  init(onFailure: @escaping @Sendable (String) -> Void) { self.onFailure = onFailure }

  /// Starts the thread and joins the job.
  ///
  /// - Throws: `RankError`.
  func start() throws(RankError) -> (rank: Int, size: Int) {
    if let problem = cmpi_open() {
      throw RankError(
        "Open MPI started this process, and its library cannot be opened: \(String(cString: problem)); install libopenmpi3, "
          + "or the package of the system that has libmpi.so.40")
    }
    let begun = DispatchSemaphore(value: 0)
    let place = Mutex<Result<(rank: Int, size: Int), RankError>>(.failure(RankError("MPI did not start")))
    Thread.detachNewThread { [self] in
      var (rank, size): (Int32, Int32) = (0, 0)
      let code = cmpi_start(&rank, &size)
      place.withLock { [rank, size] in
        $0 = code == 0 ? .success((Int(rank), Int(size))) : .failure(RankError("MPI did not start: \(MPIThread.text(code))"))
      }
      begun.signal()
      if code == 0 { run(Heartbeats(rank: Int(rank), size: Int(size))) }
      over.signal()
    }
    begun.wait()
    return try place.withLock { $0 }.get()
  }

  // MARK: For other threads

  func order(_ operation: MPIOperation) {
    let failure = orders.withLock { orders in
      if orders.failure == nil { orders.operations.append(operation) }
      return orders.failure
    }
    if let failure { operation.end(.failure(failure)) }
    bell.signal()
  }

  /// Leaves the job together with the others.
  func leave() {
    orders.withLock { $0.isLeaving = true }
    bell.signal()
    _ = over.wait(timeout: .now() + MPIThread.patience)
  }

  /// Ends the job. Comes back when MPI does not manage to within a few seconds.
  func abort(_ code: Int32) {
    // MPI's own way would wait on the dead line.
    guard !isCutOff.load(ordering: .relaxed) else { return cmpi_end_launcher() }
    orders.withLock { $0.abortCode = code }
    bell.signal()
    if over.wait(timeout: .now() + MPIThread.patience) == .timedOut { cmpi_end_launcher() }
  }

  /// Seconds that the end of a job may take MPI: on a dead line it may wait for ever.
  private static let patience = 5.0

  // MARK: The loop

  private func run(_ heartbeats: Heartbeats) {
    var lastLook = ContinuousClock.now - MPIThread.heartbeatLook
    while true {
      let new = orders.withLock { orders in
        defer { orders.operations = [] }
        return orders
      }
      if let code = new.abortCode { return cmpi_abort(code) }
      if begin(new.operations), poll() {
        if new.isLeaving, active.isEmpty { heartbeats.leave() }
        if ContinuousClock.now - lastLook >= MPIThread.heartbeatLook || new.isLeaving {
          lastLook = .now
          look(at: heartbeats)
        }
      }
      if heartbeats.isOver {
        _ = cmpi_finish()
        return
      }
      if active.isEmpty { _ = bell.wait(timeout: .now() + MPIThread.rest) } else { usleep(MPIThread.pause) }
    }
  }

  private func begin(_ operations: [MPIOperation]) -> Bool {
    for operation in operations {
      active.append(operation)
      guard check(operation.begin()) else { return false }
    }
    return true
  }

  private func poll() -> Bool {
    var left: [MPIOperation] = []
    for operation in active {
      let (isOver, code) = operation.poll()
      guard check(code) else { return false }
      if !isOver { left.append(operation) }
    }
    active = left
    return true
  }

  private func look(at heartbeats: Heartbeats) {
    let (silent, code) = heartbeats.tick()
    guard check(code), let silent else { return }
    isCutOff.store(true, ordering: .relaxed)
    fail("nothing was heard of rank \(silent) for \(Heartbeats.limit.components.seconds) s: its host or the way to it is gone")
  }

  private func check(_ code: Int32) -> Bool {
    if code != 0 { fail("MPI reports: \(MPIThread.text(code))") }
    return code == 0
  }

  /// Tells those who wait, and whoever ends the job.
  private func fail(_ text: String) {
    let (error, isFirst) = (RankError(text), orders.withLock { $0.failure == nil })
    let waiting = orders.withLock { orders in
      orders.failure = error
      defer { orders.operations = [] }
      return orders.operations
    }
    guard isFirst else { return }
    // First of all, as those who wait will fail with the same words.
    Thread.detachNewThread { [onFailure] in onFailure(text) }
    for operation in active + waiting { operation.end(.failure(error)) }
    active = []
  }

  private static func text(_ code: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: cmpi_text_size) { text in
      guard let base = text.baseAddress else { return "" }
      cmpi_describe(code, base)
      return String(cString: base)
    }
  }
}
