import CaffeCore
import Synchronization

/// The source of a Data layer: batches from a database, for ever, made ahead of their use on a thread of their own.
///
/// Records come in the order of their keys; after the last comes the first, also within a batch. The same
/// configuration gives the same batches, and `startingAt` continues a run where `position` said it stood. One thread
/// at a time takes batches.
public final class DatabaseSource: Sendable {
  /// N×C×H×W: the shape of a batch's data, from the first record and `crop_size`.
  public let dataShape: Shape
  /// N: the shape of a batch's labels.
  public let labelShape: Shape
  /// The number of records in the database.
  public let recordCount: Int
  private let prefetcher: Prefetcher<DataBatch>
  private let consumed: Mutex<Int>

  /// Opens the database and begins to make batches.
  ///
  /// - Parameter start: items that a run used before this one, 0 for a fresh run.
  /// - Throws: `DataSettingsError` for numbers that make no sense, `LMDBError` when the database cannot be read or is
  ///   empty, `RecordError` when its first record is not usable, and what reading the mean file throws.
  public init(_ configuration: DatabaseConfiguration, startingAt start: Int = 0) throws {
    try DatabaseSource.check(configuration, start: start)
    let snapshot = try LMDBSnapshot(path: configuration.path)
    let reader = try BatchReader(configuration, snapshot: snapshot, startingAt: start)
    dataShape = try DatabaseSource.batchShape(of: reader, configuration)
    labelShape = [configuration.batchSize]
    recordCount = snapshot.count
    consumed = Mutex(start)
    let place = ReaderPlace(reader)
    prefetcher = Prefetcher(depth: configuration.prefetch) { try place.reader.withLock { try $0.next() } }
  }

  /// The shapes of a configuration's batches, without making any.
  ///
  /// - Returns: N×C×H×W of the data and N of the labels.
  /// - Throws: as `init` does.
  public static func shapes(of configuration: DatabaseConfiguration) throws -> (data: Shape, labels: Shape) {
    try check(configuration, start: 0)
    let reader = try BatchReader(configuration, snapshot: try LMDBSnapshot(path: configuration.path), startingAt: 0)
    return (try batchShape(of: reader, configuration), [configuration.batchSize])
  }

  private static func check(_ configuration: DatabaseConfiguration, start: Int) throws(DataSettingsError) {
    guard (1...Shape.maximumCount).contains(configuration.batchSize) else {
      throw DataSettingsError("batch_size is \(configuration.batchSize); it must be at least 1")
    }
    guard (1...DatabaseConfiguration.maximumPrefetch).contains(configuration.prefetch) else {
      throw DataSettingsError(
        "prefetch is \(configuration.prefetch); it is a number of batches from 1 to \(DatabaseConfiguration.maximumPrefetch)")
    }
    guard configuration.randSkip >= 0 else { throw DataSettingsError("rand_skip is negative") }
    guard start >= 0 else { throw DataSettingsError("a run cannot continue at item \(start)") }
  }

  private static func batchShape(of reader: BatchReader, _ configuration: DatabaseConfiguration) throws -> Shape {
    do throws(ShapeError) {
      return try Shape(validating: [configuration.batchSize] + reader.itemShape.dims)
    } catch {
      throw DataSettingsError("\(configuration.path): batch_size \(configuration.batchSize) is too large: \(error)")
    }
  }

  /// The next batch; waits until it is made.
  ///
  /// - Throws: `RecordError` naming the record that is damaged or of another size than the first, `LMDBError` when the
  ///   database is damaged. The batches before it have been delivered; asking again throws the same.
  public func next() throws -> DataBatch {
    let batch = try prefetcher.next()
    consumed.withLock { $0 = batch.firstItem + batch.labels.shape.count }
    return batch
  }

  /// Items taken so far, those before `startingAt` included: what a snapshot keeps.
  public var position: Int { consumed.withLock { $0 } }

  /// Seconds that `next` has waited for data in all; near 0 when reading keeps up with the net.
  public var secondsWaited: Double { prefetcher.secondsWaited }
}

/// The reader, where the thread that makes batches finds it.
private final class ReaderPlace: Sendable {
  let reader: Mutex<BatchReader>

  init(_ reader: BatchReader) { self.reader = Mutex(reader) }
}
