import CaffeCore

/// What a data layer's items come from: records of a database, lines of a list, windows of pictures.
///
/// Which items come is decided one after the other; making them, which takes the time, is done by several threads.
protocol ItemReader: Sendable {
  /// What one item is made of.
  associatedtype Draft: Sendable

  /// How many items there are before they repeat; nil until that is known.
  var supply: Int? { get }
  /// Decides what the next item is made of.
  ///
  /// - Throws: when the source as a whole is damaged.
  mutating func draw() throws -> Draft
  /// Goes over items without making them.
  ///
  /// - Throws: when the source as a whole is damaged.
  mutating func skip(_ count: Int) throws
  /// The shapes of an item: C×H×W of the data, and of its labels, which has no axes for one number.
  ///
  /// - Throws: when the item cannot be used, naming it.
  func shapes(of draft: Draft) throws -> ItemShapes
  /// Makes an item.
  ///
  /// - Parameters:
  ///   - item: its number in the stream, which decides its random draws.
  ///   - room: where it goes.
  /// - Throws: when the item cannot be used, naming it.
  func make(_ draft: Draft, item: Int, into room: ItemRoom) throws
}

/// The shapes of one item.
struct ItemShapes: Equatable, Sendable {
  /// C×H×W.
  let data: Shape
  /// No axes for one number, K for several.
  let label: Shape

  /// The shapes of a batch of items.
  ///
  /// - Throws: `ShapeError` when it would be too large.
  func batch(of count: Int) throws(ShapeError) -> (data: Shape, labels: Shape) {
    (try Shape(validating: [count] + data.dims), try Shape(validating: [count] + label.dims))
  }
}

/// Where an item is written.
// Each thread has a room of its own, and nobody reads it before all are done.
struct ItemRoom: @unchecked Sendable {
  let shapes: ItemShapes
  let data: UnsafeMutableBufferPointer<Float>
  let labels: UnsafeMutableBufferPointer<Float>

  /// The room of item `index` among several.
  func item(_ index: Int) -> ItemRoom { items(from: index, 1) }

  /// The room of `count` items from `index` on.
  func items(from index: Int, _ count: Int) -> ItemRoom {
    let (size, labelSize) = (shapes.data.count, shapes.label.count)
    return ItemRoom(
      shapes: shapes, data: UnsafeMutableBufferPointer(rebasing: data[index * size..<(index + count) * size]),
      labels: UnsafeMutableBufferPointer(rebasing: labels[index * labelSize..<(index + count) * labelSize]))
  }

  /// Moves item `source` to the place of one before it.
  func move(_ source: Int, to target: Int) {
    guard source != target else { return }
    let (from, to) = (item(source), item(target))
    _ = to.data.update(fromContentsOf: from.data)
    _ = to.labels.update(fromContentsOf: from.labels)
  }
}
