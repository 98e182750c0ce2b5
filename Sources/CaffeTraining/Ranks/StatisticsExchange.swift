import CaffeCore
import CaffeGraph

/// Adds up what BatchNorm layers find in the batches of all ranks, each sum as soon as its layer asks: nothing can be computed behind it.
final class StatisticsExchange {
  private let ranks: any Communicator
  private(set) var record = StatisticsRecord()

  init(_ ranks: any Communicator) { self.ranks = ranks }

  /// The way of a session's layers to it.
  var batchSum: BatchSum { BatchSum(total) }

  private func total(_ mine: [Double]) throws -> [Double] {
    let values = UnsafeMutableBufferPointer<Double>.allocate(capacity: mine.count)
    _ = values.initialize(from: mine)
    // Where the sum fails the transport may still write to the values: then they stay.
    let time = try ContinuousClock().measure { try ranks.startSum(values).wait() }
    defer { values.deallocate() }
    record.add(bytes: mine.count * MemoryLayout<Double>.stride, seconds: time.inSeconds)
    return Array(values)
  }
}

/// What BatchNorm over the batches of all ranks has cost.
public struct StatisticsRecord: Sendable {
  /// One for each layer in each forward and each backward pass.
  public private(set) var sums = 0
  /// Bytes that each rank gave and took.
  public private(set) var bytes = 0
  /// Seconds in which nothing was done but wait for sums, waiting for slower ranks included.
  public private(set) var secondsWaited = 0.0

  mutating func add(bytes: Int, seconds: Double) {
    sums += 1
    self.bytes += bytes
    secondsWaited += seconds
  }

  /// One line for the log.
  public var line: String {
    let count = Double(max(1, sums))
    return "BatchNorm over all ranks: \(sums) sums, \(NumberText.fixed(Double(bytes) / count / 1e3, digits: 1)) kB and "
      + "\(NumberText.fixed(secondsWaited / count * 1000, digits: 2)) ms waited for each."
  }
}
