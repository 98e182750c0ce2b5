import CaffeCore
import CaffeHDF5
import Synchronization

/// Rows of HDF5 datasets, ready for a net's input blobs.
public struct HDF5Batch: Sendable {
  /// For each dataset N×…
  public let tensors: [Tensor]
  /// The number of the first row in the stream, counted from 0 and never starting over.
  public let firstItem: Int
  /// Rows that are used up with this batch, those of other takers included.
  public let position: Int
}

/// The source of an HDF5Data layer: batches of rows, for ever, made ahead of their use on a thread of their own.
///
/// Rows come in their order, file after file; after the last file comes the first, also within a batch. With `shuffle` the
/// order of files and of the rows of each is another one each epoch. A file is read whole when its turn comes, as in Caffe.
/// The same configuration gives the same batches, and `startingAt` continues a run where `position` said it stood.
public final class HDF5Source: BatchSource {
  /// Batches that are made ahead of their use.
  private static let prefetch = 3

  /// The number of rows in all files.
  public let rowCount: Int
  private let prefetcher: Prefetcher<HDF5Batch>
  private let consumed: Mutex<Int>

  /// Looks into all files and begins to make batches.
  ///
  /// - Parameter start: rows that a run used before this one, 0 for a fresh run.
  /// - Throws: `DataSettingsError` for numbers that make no sense, `FileError` or `DataFileError` when the list cannot be
  ///   used, `HDF5Error` naming the file and dataset that cannot.
  public init(_ configuration: HDF5Configuration, startingAt start: Int = 0) throws {
    try HDF5Source.check(configuration, start: start)
    let reader = try HDF5RowReader(configuration, HDF5FileList(configuration), startingAt: start)
    rowCount = reader.rowCount
    consumed = Mutex(start)
    let place = RowReaderPlace(reader)
    prefetcher = Prefetcher(depth: HDF5Source.prefetch) { try place.reader.withLock { try $0.next() } }
  }

  /// The shapes of a configuration's batches, from the first file.
  ///
  /// - Throws: as `init` does.
  public static func shapes(of configuration: HDF5Configuration) throws -> [Shape] {
    try check(configuration, start: 0)
    let file = try HDF5Reader(path: try HDF5FileList(configuration).paths[0])
    return try zip(configuration.datasets, HDF5FileList.shapes(of: configuration.datasets, in: file)).map { name, shape in
      do throws(ShapeError) {
        return try Shape(validating: [configuration.batchSize] + shape.dims.dropFirst())
      } catch {
        throw HDF5Error(path: file.path, object: name, "batch_size \(configuration.batchSize) is too large: \(error)")
      }
    }
  }

  private static func check(_ configuration: HDF5Configuration, start: Int) throws {
    guard (1...Shape.maximumCount).contains(configuration.batchSize) else {
      throw DataSettingsError("batch_size is \(configuration.batchSize); it must be at least 1")
    }
    guard !configuration.datasets.isEmpty else { throw DataSettingsError("no dataset is asked for: the layer has no tops") }
    guard start >= 0 else { throw DataSettingsError("a run cannot continue at row \(start)") }
  }

  /// The next batch; waits until it is made.
  ///
  /// - Throws: `HDF5Error` when a file cannot be read; asking again throws the same.
  public func next() throws -> HDF5Batch {
    let batch = try prefetcher.next()
    consumed.withLock { $0 = batch.position }
    return batch
  }

  public func nextTensors() throws -> [Tensor] { try next().tensors }

  public var contents: String { "\(rowCount) rows" }

  public var position: Int { consumed.withLock { $0 } }

  public var secondsWaited: Double { prefetcher.secondsWaited }
}

/// The reader, where the thread that makes batches finds it.
private final class RowReaderPlace: Sendable {
  let reader: Mutex<HDF5RowReader>

  init(_ reader: HDF5RowReader) { self.reader = Mutex(reader) }
}
