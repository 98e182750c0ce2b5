import CaffeCore
import Dispatch
import Synchronization

/// Puts a reader's items together to batches, several items at a time and in their order.
///
/// The result does not depend on how many threads there are.
struct BatchAssembler<Reader: ItemReader>: Sendable {
  /// Fewer items than this are not made at a time: small batches would leave cores idle.
  private static var minimumItems: Int { 16 }
  /// Values that are made at a time where a batch has fewer, at most.
  private static var maximumValues: Int { 1 << 24 }

  /// The shapes of an item: those of the first one that can be used.
  let shapes: ItemShapes
  private var reader: Reader
  private let batchSize: Int
  private let policy: BadDataPolicy
  private let notes: BadItemNotes
  /// Which of the items are drawn.
  private let shard: DataShard
  /// Items that were used before; the shard's blocks begin there.
  private let start: Int
  /// The number of the next item to draw.
  private var nextItem: Int
  private var badInARow = 0
  /// Batches that are made; after the last of them comes the failure.
  private var finished: ArraySlice<DataBatch> = []
  private var failure: (any Error)?

  /// - Parameters:
  ///   - reader: stands before its first item.
  ///   - start: items that were used before.
  /// - Throws: what the reader throws when no item can be used or the source is damaged.
  init(_ reader: Reader, batchSize: Int, policy: BadDataPolicy, shard: DataShard = .whole, startingAt start: Int) throws {
    self.reader = reader
    self.batchSize = batchSize
    self.policy = policy
    (self.shard, self.start) = (shard, start)
    notes = BadItemNotes(policy)
    nextItem = start
    shapes = try BatchAssembler.shapes(of: reader, policy)
    try self.reader.skip(start)
  }

  /// The shapes of the first item that can be used.
  static func shapes(of reader: Reader, _ policy: BadDataPolicy) throws -> ItemShapes {
    var (reader, failures) = (reader, 0)
    while true {
      let draft = try reader.draw()
      do {
        return try reader.shapes(of: draft)
      } catch {
        guard policy.action == .skip else { throw policy.stopping(error) }
        failures += 1
        try check(failures, of: reader, last: error)
      }
    }
  }

  /// Gives up when a whole round of items was bad.
  private static func check(_ failures: Int, of reader: Reader, last: any Error) throws(NoGoodDataError) {
    if let supply = reader.supply, failures >= supply { throw NoGoodDataError(count: supply, last: "\(last)") }
  }

  /// The next batch.
  ///
  /// - Throws: what making an item threw; the batches before it have been delivered.
  mutating func next() throws -> DataBatch {
    if finished.isEmpty, failure == nil { try makeBatches() }
    if let batch = finished.popFirst() { return batch }
    throw failure ?? NoGoodDataError(count: 0, last: "nothing was made")
  }

  /// Makes a batch, or several small ones.
  private mutating func makeBatches() throws {
    let batchValues = max(1, batchSize * max(shapes.data.count, shapes.label.count))
    let rounds = max(1, min(BatchAssembler.minimumItems / batchSize, BatchAssembler.maximumValues / batchValues))
    let (dataShape, labelShape) = try shapes.batch(of: rounds * batchSize)
    var labels = Tensor([0])
    var ends: [Int] = []
    let first = next(from: nextItem)
    let data = Tensor(dataShape) { data in
      labels = Tensor(labelShape) { labels in
        ends = fill(ItemRoom(shapes: shapes, data: data, labels: labels))
      }
    }
    finished = try batches(data, labels, ends: ends, first: first)[...]
  }

  /// Makes items until the room is full or one cannot be made, which `failure` then holds.
  ///
  /// - Returns: for each item that was made the position after it.
  private mutating func fill(_ room: ItemRoom) -> [Int] {
    var ends: [Int] = []
    let count = room.labels.count / max(shapes.label.count, 1)
    while ends.count < count, failure == nil {
      let drafts = draw(count - ends.count)
      let errors = make(drafts, into: room.items(from: ends.count, drafts.count))
      let base = ends.count
      for index in drafts.indices {
        if let error = errors[index] {
          guard isSkipped(error) else { return ends }
        } else {
          badInARow = 0
          room.move(base + index, to: ends.count)
          ends.append(drafts[index].item + 1)
        }
      }
    }
    return ends
  }

  /// What an item is made of, with its number.
  private typealias Numbered = (item: Int, draft: Reader.Draft)

  /// The first item from `item` on that is drawn here.
  private func next(from item: Int) -> Int { start + shard.next(from: item - start, block: batchSize) }

  private mutating func draw(_ count: Int) -> [Numbered] {
    var drafts: [Numbered] = []
    do {
      for _ in 0..<count {
        let item = next(from: nextItem)
        if item > nextItem { try reader.skip(item - nextItem) }
        drafts.append((item, try reader.draw()))
        nextItem = item + 1
      }
    } catch {
      failure = error
    }
    return drafts
  }

  private func make(_ drafts: [Numbered], into room: ItemRoom) -> [Int: any Error] {
    let errors = Mutex<[Int: any Error]>([:])
    let reader = reader
    DispatchQueue.concurrentPerform(iterations: drafts.count) { index in
      do {
        try reader.make(drafts[index].draft, item: drafts[index].item, into: room.item(index))
      } catch {
        errors.withLock { $0[index] = error }
      }
    }
    return errors.withLock { $0 }
  }

  /// Whether the work goes on after a bad item; `failure` tells why not.
  private mutating func isSkipped(_ error: any Error) -> Bool {
    do {
      guard policy.action == .skip else { throw policy.stopping(error) }
      notes.skipped(error)
      badInARow += 1
      try BatchAssembler.check(badInARow, of: reader, last: error)
      return true
    } catch {
      failure = error
      return false
    }
  }

  private func batches(_ data: Tensor, _ labels: Tensor, ends: [Int], first: Int) throws -> [DataBatch] {
    let (dataShape, labelShape) = try shapes.batch(of: batchSize)
    let count = ends.count / batchSize
    return try (0..<count).map { index in
      let isWhole = data.shape == dataShape
      return DataBatch(
        data: isWhole ? data : try data.part(index, dataShape), labels: isWhole ? labels : try labels.part(index, labelShape),
        firstItem: index == 0 ? first : next(from: ends[index * batchSize - 1]),
        position: start + shard.end(ends[(index + 1) * batchSize - 1] - start, block: batchSize))
    }
  }
}

extension Tensor {
  /// Part `index` of a tensor that is cut into parts of a shape.
  fileprivate func part(_ index: Int, _ shape: Shape) throws(ShapeError) -> Tensor {
    try Tensor(shape, values: Array(values[index * shape.count..<(index + 1) * shape.count]))
  }
}

/// A source that gives nothing but bad items.
public struct NoGoodDataError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The number of items that were tried.
  public let count: Int
  /// What was wrong with the last one, and which it was.
  public let last: String

  public var description: String { "none of \(count) items can be used; the last: \(last)" }
}
