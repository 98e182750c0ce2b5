import CaffeCore
import Dispatch
import Synchronization

/// Makes elements ahead of their use, one after the other, on a thread of its own.
///
/// At most `depth` elements wait. After an error nothing more is made: the consumer gets the elements made before, then
/// the error.
final class Prefetcher<Element: Sendable>: Sendable {
  private let line: ProductionLine<Element>
  /// Serial, so that elements keep their order. Dispatch gives a serial queue a thread of its own while it has work.
  private let queue = DispatchQueue(label: "caffe.prefetch", qos: .userInitiated)

  /// - Parameters:
  ///   - depth: the most elements that wait, at least 1.
  ///   - produce: makes the next element; never called by two threads at once.
  init(depth: Int, produce: @escaping @Sendable () throws -> Element) {
    line = ProductionLine(produce)
    for _ in 0..<max(depth, 1) { order() }
  }

  /// Waits for the element that is being made, if any; those ordered after it are not made.
  deinit {
    line.close()
    queue.sync {}
  }

  /// The next element.
  ///
  /// - Throws: what making it threw; after that the same again at once.
  func next() throws -> Element {
    let result = line.take()
    if case .success = result { order() }
    return try result.get()
  }

  /// Seconds that `next` has waited in all.
  var secondsWaited: Double { line.secondsWaited }

  private func order() { queue.async { [line] in line.makeOne() } }
}

/// The elements between the thread that makes them and the one that takes them.
private final class ProductionLine<Element: Sendable>: Sendable {
  private struct State {
    var finished: [Result<Element, any Error>] = []
    var failure: (any Error)?
    var isClosed = false
    var secondsWaited = 0.0
  }

  private let state = Mutex(State())
  /// Counts `finished`.
  private let available = DispatchSemaphore(value: 0)
  private let produce: @Sendable () throws -> Element

  init(_ produce: @escaping @Sendable () throws -> Element) { self.produce = produce }

  var secondsWaited: Double { state.withLock { $0.secondsWaited } }

  func close() { state.withLock { $0.isClosed = true } }

  func makeOne() {
    guard state.withLock({ !$0.isClosed && $0.failure == nil }) else { return }
    let result = Result { try produce() }
    state.withLock { state in
      state.finished.append(result)
      if case .failure(let error) = result { state.failure = error }
    }
    available.signal()
  }

  func take() -> Result<Element, any Error> {
    if let failure = state.withLock({ $0.finished.isEmpty ? $0.failure : nil }) { return .failure(failure) }
    let start = ContinuousClock.now
    available.wait()
    let waited = start.duration(to: .now)
    return state.withLock { state in
      state.secondsWaited += waited.inSeconds
      return state.finished.removeFirst()
    }
  }
}
