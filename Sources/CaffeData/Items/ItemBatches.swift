import CaffeCore
import Synchronization

/// The batches of a reader, made ahead of their use.
final class ItemBatches: Sendable {
  let dataShape: Shape
  let labelShape: Shape
  private let prefetcher: Prefetcher<DataBatch>
  private let consumed: Mutex<Int>

  /// - Parameters:
  ///   - reader: stands before its first item.
  ///   - shard: which of the items are taken here.
  ///   - start: items that a run used before this one.
  /// - Throws: `DataSettingsError`, and what the reader throws when it has no item that can be used.
  init(
    _ reader: some ItemReader, _ size: BatchSize, policy: BadDataPolicy, shard: DataShard, startingAt start: Int
  ) throws {
    guard start >= 0 else { throw DataSettingsError("a run cannot continue at item \(start)") }
    let assembler = try BatchAssembler(reader, batchSize: size.items, policy: policy, shard: shard, startingAt: start)
    (dataShape, labelShape) = try size.shapes(of: assembler.shapes)
    consumed = Mutex(start)
    let place = AssemblerPlace(assembler)
    prefetcher = Prefetcher(depth: size.prefetch) { try place.assembler.withLock { try $0.next() } }
  }

  /// The shapes of batches, without making any.
  ///
  /// - Throws: as `init`.
  static func shapes<Reader: ItemReader>(
    of reader: Reader, _ size: BatchSize, policy: BadDataPolicy
  ) throws -> (data: Shape, labels: Shape) {
    try size.shapes(of: try BatchAssembler.shapes(of: reader, policy))
  }

  /// The next batch; waits until it is made.
  func next() throws -> DataBatch {
    let batch = try prefetcher.next()
    consumed.withLock { $0 = batch.position }
    return batch
  }

  /// Items used up so far, skipped ones and those before the start included.
  var position: Int { consumed.withLock { $0 } }

  var secondsWaited: Double { prefetcher.secondsWaited }
}

/// How large batches are, and how many wait.
struct BatchSize {
  /// The most batches that may be made ahead: each takes memory.
  static let maximumPrefetch = 1024

  /// N.
  let items: Int
  let prefetch: Int

  /// - Throws: `DataSettingsError` for numbers that make no sense.
  init(items: Int, prefetch: Int) throws(DataSettingsError) {
    guard (1...Shape.maximumCount).contains(items) else {
      throw DataSettingsError("batch_size is \(items); it must be at least 1")
    }
    guard (1...BatchSize.maximumPrefetch).contains(prefetch) else {
      throw DataSettingsError("prefetch is \(prefetch); it is a number of batches from 1 to \(BatchSize.maximumPrefetch)")
    }
    self.items = items
    self.prefetch = prefetch
  }

  func shapes(of item: ItemShapes) throws(DataSettingsError) -> (data: Shape, labels: Shape) {
    do throws(ShapeError) {
      return try item.batch(of: items)
    } catch {
      throw DataSettingsError("batch_size \(items) is too large: \(error)")
    }
  }
}

/// The assembler, where the thread that makes batches finds it.
private final class AssemblerPlace<Reader: ItemReader>: Sendable {
  let assembler: Mutex<BatchAssembler<Reader>>

  init(_ assembler: BatchAssembler<Reader>) { self.assembler = Mutex(assembler) }
}
