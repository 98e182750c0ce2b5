/// Counts steps, reports them now and then, and notices a wish to stop.
struct ProgressMeter {
  /// Steps between two reports.
  private static let interval = 500

  private let total: Int
  private let report: (_ done: Int, _ total: Int) -> Void
  private let shouldStop: () -> Bool
  private var done = 0

  init(total: Int, report: @escaping (_ done: Int, _ total: Int) -> Void, shouldStop: @escaping () -> Bool) {
    self.total = total
    self.report = report
    self.shouldStop = shouldStop
  }

  /// Notes that one more step is done.
  ///
  /// - Throws: `CancellationError` when the work should stop.
  mutating func advance() throws(CancellationError) {
    done += 1
    guard done % ProgressMeter.interval == 0 || done == total else { return }
    guard !shouldStop() else { throw CancellationError() }
    report(done, total)
  }
}
