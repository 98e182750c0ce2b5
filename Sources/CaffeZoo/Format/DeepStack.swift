import Foundation

/// Room for a recursion that is not ours.
enum DeepStack {
  /// What fits on the smallest stack that a thread has (512 KiB on macOS).
  private static let shallow = 256
  /// Yams composes up to the 1,000 levels that its parser lets through, with about a kilobyte for each.
  private static let size = 8 << 20

  /// Runs `body` and waits for it; on a thread with a stack of its own when the depth may be large.
  ///
  /// - Parameter depth: no more than this many calls inside each other: the bytes of a text that is parsed.
  static func run<Result>(forDepth depth: Int, _ body: () throws -> Result) throws -> Result {
    guard depth > shallow else { return try body() }
    return try withoutActuallyEscaping(body) { body in
      let job = Job(body)
      let thread = Thread { job.run() }
      thread.stackSize = size
      thread.start()
      return try job.result()
    }
  }

  // The caller writes before the thread starts and reads after the thread has signalled.
  private final class Job<Output>: @unchecked Sendable {
    private var body: (() throws -> Output)?
    private var outcome: Swift.Result<Output, any Error>?
    private let done = DispatchSemaphore(value: 0)

    init(_ body: @escaping () throws -> Output) { self.body = body }

    func run() {
      if let body { outcome = Swift.Result { try body() } }
      body = nil
      done.signal()
    }

    func result() throws -> Output {
      done.wait()
      guard let outcome else { throw CancellationError() }
      return try outcome.get()
    }
  }
}
