import CaffeCore

/// The source of a WindowData layer: batches of windows that are drawn from a window file, for ever, cut out of their pictures by
/// several threads ahead of their use.
///
/// Which windows come depends on the seed and the item's number alone; `startingAt` continues a run where `position` said it
/// stood.
public final class WindowSource: BatchSource {
  /// Batches that are made ahead of their use.
  private static let prefetch = 4
  private let batches: ItemBatches

  /// Reads the window file and begins to make batches.
  ///
  /// - Parameter start: windows that a run used before this one, 0 for a fresh run.
  /// - Throws: `DataSettingsError` for numbers that make no sense, `FileError` or `DataFileError` when the file cannot be used.
  public init(_ configuration: WindowConfiguration, startingAt start: Int = 0) throws {
    let reader = try WindowReader(configuration)
    contents = reader.contents
    batches = try ItemBatches(
      reader, BatchSize(items: configuration.batchSize, prefetch: WindowSource.prefetch),
      policy: configuration.badData,
      shard: configuration.shard, startingAt: start)
  }

  /// N×3×crop×crop of the data, and N of the labels, 0 for background.
  public var shapes: (data: Shape, labels: Shape) { (batches.dataShape, batches.labelShape) }

  /// The next batch; waits until it is made.
  ///
  /// - Throws: `DataFileError` naming the line of a window that cannot be used; the batches before it have been delivered.
  public func next() throws -> DataBatch { try batches.next() }

  public func nextTensors() throws -> [Tensor] { try next().tensors }

  public let contents: String

  public var position: Int { batches.position }

  public var secondsWaited: Double { batches.secondsWaited }
}
