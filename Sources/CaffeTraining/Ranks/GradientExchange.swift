import CaffePlan

/// Averages a net's gradients over the ranks while backward still works on the next ones.
final class GradientExchange {
  private let session: Session
  private let ranks: any Communicator
  private let buckets: GradientBuckets
  /// The parameters of each bucket whose gradients are not complete yet, in the pass that is being made.
  private var missing: [Int] = []
  private var pending: [(any PendingSum)?] = []
  /// Buckets up to here are on their way.
  private var started = 0
  private(set) var record = ExchangeRecord()

  init(_ session: Session, _ ranks: any Communicator, bucketBytes: Int = GradientBuckets.usualBytes) {
    (self.session, self.ranks) = (session, ranks)
    let finished = session.plan.finishedGradients.flatMap(\.parameters)
    let trained = session.weights.trained
    let others = trained.map(\.parameter).filter { !finished.contains($0) }
    buckets = GradientBuckets(trained, order: others + finished, bytes: bucketBytes)
    record.bytesPerIteration = buckets.count * MemoryLayout<Float>.stride
    record.buckets = buckets.all.count
  }

  /// Computes the gradients, and sends each bucket as soon as it is complete.
  ///
  /// - Throws: what running the net or the transport throws.
  func backward() throws {
    missing = buckets.all.map(\.parameters.count)
    pending = buckets.all.map { _ in nil }
    started = 0
    try session.backward { parameters in
      for parameter in parameters { if let bucket = buckets.place[parameter] { missing[bucket] -= 1 } }
      try send()
    }
    record.endBackward()
  }

  /// All ranks must send the buckets in the same order, which is that of the list.
  private func send() throws {
    while started < missing.count, missing[started] == 0 {
      pending[started] = try ranks.startSum(buckets.all[started].values)
      started += 1
    }
  }

  /// Waits until the mean over all ranks stands where a parameter's gradient was.
  ///
  /// - Throws: what the transport throws.
  func wait(for parameter: Int) throws {
    guard let bucket = buckets.place[parameter], let sum = pending[bucket] else { return }
    try record.waiting { try sum.wait() }
    record.add(sum.duration)
    pending[bucket] = nil
    average(buckets.all[bucket].values)
  }

  /// Waits for all gradients.
  ///
  /// - Throws: what the transport throws.
  func waitForAll() throws {
    for bucket in buckets.all { if let parameter = bucket.parameters.first { try wait(for: parameter) } }
  }

  private func average(_ values: UnsafeMutableBufferPointer<Float>) {
    let (factor, memory) = (1 / Float(ranks.size), SharedFloats(values))
    session.pool.run(elements: values.count) { for index in $0 { memory.values[index] *= factor } }
  }
}

/// Floats of which each unit of work changes others.
private struct SharedFloats: @unchecked Sendable {
  let values: UnsafeMutableBufferPointer<Float>
  init(_ values: UnsafeMutableBufferPointer<Float>) { self.values = values }
}
