import CaffeCore

/// The source of an ImageData layer: batches of the pictures that a list names, for ever, read and decoded by several threads
/// ahead of their use.
///
/// Pictures come in the list's order, or with `shuffle` in another order each epoch; after the last comes the first, also within
/// a batch. The same configuration gives the same batches, and `startingAt` continues a run where `position` said it stood.
public final class ImageListSource: BatchSource {
  private let batches: ItemBatches

  /// Reads the list and the first picture, and begins to make batches.
  ///
  /// - Parameter start: pictures that a run used before this one, 0 for a fresh run.
  /// - Throws: `DataSettingsError` for numbers that make no sense, `FileError` or `DataFileError` when the list cannot be used,
  ///   `DataFileError` naming the line of a picture that cannot, and what reading the mean file throws.
  public init(_ configuration: ImageListConfiguration, startingAt start: Int = 0) throws {
    let reader = try ImageListReader(configuration)
    contents = "\(reader.supply ?? 0) pictures"
    batches = try ItemBatches(
      reader, ImageListSource.size(configuration), policy: configuration.badData,
      shard: configuration.shard, startingAt: start)
  }

  /// The shapes of a configuration's batches, without making any.
  ///
  /// - Returns: N×C×H×W of the data, and N of the labels, or N×K with K of them.
  /// - Throws: as `init` does.
  public static func shapes(of configuration: ImageListConfiguration) throws -> (data: Shape, labels: Shape) {
    try ItemBatches.shapes(of: ImageListReader(configuration), size(configuration), policy: configuration.badData)
  }

  private static func size(_ configuration: ImageListConfiguration) throws(DataSettingsError) -> BatchSize {
    try BatchSize(items: configuration.batchSize, prefetch: configuration.prefetch)
  }

  /// The next batch; waits until it is made.
  ///
  /// - Throws: `DataFileError` naming the line whose picture cannot be used; the batches before it have been delivered.
  public func next() throws -> DataBatch { try batches.next() }

  public func nextTensors() throws -> [Tensor] { try next().tensors }

  public let contents: String

  public var position: Int { batches.position }

  public var secondsWaited: Double { batches.secondsWaited }
}
