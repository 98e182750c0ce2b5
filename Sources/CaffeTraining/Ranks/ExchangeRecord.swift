import CaffeCore

/// How long gradients were on their way, and how much of that the training waited for.
public struct ExchangeRecord: Sendable {
  /// Bytes of gradients that each rank gives and takes in an iteration.
  public internal(set) var bytesPerIteration = 0
  public internal(set) var buckets = 0
  public private(set) var iterations = 0
  /// Seconds in which at least one bucket was on its way, waiting for slower ranks included.
  public private(set) var secondsInFlight = 0.0
  /// Seconds in which nothing was done but wait for buckets.
  public private(set) var secondsWaited = 0.0
  /// Until when time in flight is counted: stretches overlap.
  private var counted: ContinuousClock.Instant?

  /// The share of the time in flight behind which work was done, 0 to 1.
  public var hiddenShare: Double { secondsInFlight > 0 ? max(0, 1 - secondsWaited / secondsInFlight) : 1 }

  mutating func endBackward() { iterations += 1 }

  mutating func waiting(_ body: () throws -> Void) rethrows {
    secondsWaited += try ContinuousClock().measure(body).inSeconds
  }

  mutating func add(_ duration: Range<ContinuousClock.Instant>?) {
    guard let duration else { return }
    let start = max(duration.lowerBound, counted ?? duration.lowerBound)
    if duration.upperBound > start { secondsInFlight += start.duration(to: duration.upperBound).inSeconds }
    counted = max(counted ?? duration.upperBound, duration.upperBound)
  }

  /// One line for the log.
  public var line: String {
    let count = Double(max(1, iterations))
    func milliseconds(_ seconds: Double) -> String { NumberText.fixed(seconds / count * 1000, digits: 2) }
    return "All-reduce: \(NumberText.fixed(Double(bytesPerIteration) / 1e6, digits: 1)) MB in \(buckets) buckets per iteration, "
      + "\(milliseconds(secondsInFlight)) ms on the way, \(milliseconds(secondsWaited)) ms waited for; "
      + "\(NumberText.fixed(hiddenShare * 100, digits: 1)) % hidden."
  }
}
