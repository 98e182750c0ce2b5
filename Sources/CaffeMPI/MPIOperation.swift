import CMPI
import CaffeTraining
import Dispatch
import Synchronization

/// Something that the ranks do together: begun and moved on by the thread that speaks MPI, waited for by another.
// `requests` belongs to the thread of MPI; the rest is under the lock.
final class MPIOperation: PendingSum, @unchecked Sendable {
  /// Calls MPI: takes a place for a request, gives an error code.
  typealias Call = (_ request: UnsafeMutablePointer<cmpi_request?>) -> Int32

  private struct State {
    var result: Result<Void, RankError>?
    var duration: Range<ContinuousClock.Instant>?
  }

  private let calls: [Call]
  private var requests: [cmpi_request?] = []
  private let started = ContinuousClock.now
  private let state = Mutex(State())
  private let done = DispatchSemaphore(value: 0)

  /// - Parameter calls: what begins it.
  init(_ calls: [Call]) { self.calls = calls }

  // MARK: On the thread of MPI

  /// - Returns: an error code of MPI, 0 for none.
  func begin() -> Int32 {
    requests = calls.map { _ in nil }
    for index in calls.indices {
      let code = calls[index](&requests[index])
      guard code == 0 else { return code }
    }
    return 0
  }

  /// Whether it is over; ends it when it is.
  ///
  /// - Returns: also an error code of MPI, 0 for none.
  func poll() -> (isOver: Bool, code: Int32) {
    for index in requests.indices where requests[index] != nil {
      var isDone = false
      let code = cmpi_test(&requests[index], &isDone)
      guard code == 0, isDone else { return (false, code) }
    }
    end(.success(()))
    return (true, 0)
  }

  func end(_ result: Result<Void, RankError>) {
    let isFirst = state.withLock { state in
      guard state.result == nil else { return false }
      state.result = result
      state.duration = started..<max(started, .now)
      return true
    }
    if isFirst { done.signal() }
  }

  // MARK: Elsewhere

  func wait() throws {
    done.wait()
    done.signal()  // for whoever asks again
    try state.withLock { $0.result }?.get()
  }

  var duration: Range<ContinuousClock.Instant>? { state.withLock { $0.duration } }
}
