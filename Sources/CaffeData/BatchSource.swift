import CaffeCore

/// Gives batches for a layer's tops, one after the other, for ever.
public protocol BatchSource: Sendable {
  /// The next batch: a tensor for each top, in their order; waits until it is made.
  ///
  /// - Throws: what reading the data throws.
  func nextTensors() throws -> [Tensor]
  /// Items used up by the batches taken so far, skipped ones and those before the start included: a source that is opened
  /// again and starts at this number gives the batches that would have followed. What a snapshot keeps.
  var position: Int { get }
  /// What tells these data from others, such as how many records there are; what takes a pass through all of them is left out.
  var contents: String { get }
  /// Seconds that callers have waited for data in all; near 0 when reading keeps up with the net.
  var secondsWaited: Double { get }
}
