import CaffeCore

/// Gives batches for a layer's tops, one after the other, for ever.
public protocol BatchSource: Sendable {
  /// The next batch: a tensor for each top, in their order; waits until it is made.
  ///
  /// - Throws: what reading the data throws.
  func nextTensors() throws -> [Tensor]
  /// Seconds that callers have waited for data in all.
  var secondsWaited: Double { get }
  /// The records given or passed over so far: opened again from there, the source goes on with the batch that would have followed.
  var position: Int { get }
}

extension DatabaseSource: BatchSource {
  public func nextTensors() throws -> [Tensor] {
    let batch = try next()
    return [batch.data, batch.labels]
  }
}
