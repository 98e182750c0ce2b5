import CaffeCore
import CaffeHDF5

/// Makes batches of the rows of HDF5 files: file after file, round and round.
struct HDF5RowReader: Sendable {
  private let configuration: HDF5Configuration
  private let list: HDF5FileList
  private let rowCounts: [Int]
  private let start: Int
  private var nextItem: Int
  private var epoch: Int
  /// The files in the order of this epoch.
  private var fileOrder: [Int] = []
  /// Where in `fileOrder` the open file stands.
  private var turn = 0
  /// The rows that are in memory: all of a small file's, a stretch of a large one's, or a single one of a large one that is shuffled.
  private var held: (file: Int, rows: Range<Int>, tensors: [Tensor])?
  /// The open file's rows in the order of this epoch.
  private var rowOrder: [Int] = []
  private var nextRow = 0

  /// - Parameter start: rows that were used before.
  /// - Throws: `HDF5Error` when a file cannot be used.
  init(_ configuration: HDF5Configuration, _ list: HDF5FileList, startingAt start: Int) throws(HDF5Error) {
    self.configuration = configuration
    self.list = list
    rowCounts = try list.rowCounts(configuration.datasets)
    self.start = start
    nextItem = start
    let total = rowCounts.reduce(0, +)
    epoch = start / total
    beginEpoch()
    nextRow = start % total
    while nextRow >= rowCounts[fileOrder[turn]] {
      nextRow -= rowCounts[fileOrder[turn]]
      turn += 1
    }
    orderRows()
  }

  /// The rows of all files.
  var rowCount: Int { rowCounts.reduce(0, +) }

  /// The next batch.
  ///
  /// - Throws: `HDF5Error` naming the file and dataset that cannot be read, or has changed.
  mutating func next() throws -> HDF5Batch {
    skipOthers()
    let first = nextItem
    var columns: [[Float]] = configuration.datasets.map { _ in [] }
    var rowShapes: [[Int]] = []
    for _ in 0..<configuration.batchSize {
      if nextRow == rowCounts[fileOrder[turn]] { advanceFile() }
      let (tensors, row) = try hold(rowOrder[nextRow])
      rowShapes = tensors.map { Array($0.shape.dims.dropFirst()) }
      for (index, tensor) in tensors.enumerated() {
        let size = tensor.shape.count(from: 1)
        columns[index] += tensor.values[row * size..<(row + 1) * size]
      }
      nextRow += 1
    }
    nextItem += configuration.batchSize
    let tensors = try zip(columns, rowShapes).map { try Tensor(Shape([configuration.batchSize] + $1), values: $0) }
    let position = start + configuration.shard.end(nextItem - start, block: configuration.batchSize)
    return HDF5Batch(tensors: tensors, firstItem: first, position: position)
  }

  /// Goes over the rows that others take.
  private mutating func skipOthers() {
    let item = start + configuration.shard.next(from: nextItem - start, block: configuration.batchSize)
    // Which files an epoch has, and in which order, is decided when its turn comes.
    var left = item - nextItem
    while left > 0 {
      if nextRow == rowCounts[fileOrder[turn]] { advanceFile() }
      let step = min(left, rowCounts[fileOrder[turn]] - nextRow)
      nextRow += step
      left -= step
    }
    nextItem = item
  }

  /// Tensors that have a row of the file whose turn it is, and its place in them; reads them where it is not at hand.
  private mutating func hold(_ row: Int) throws -> (tensors: [Tensor], row: Int) {
    let file = fileOrder[turn]
    if let held, held.file == file, held.rows.contains(row) { return (held.tensors, row - held.rows.lowerBound) }
    held = nil  // Two stretches are never in memory at once.
    let reader = try HDF5Reader(path: list.paths[file])
    let shapes = try configuration.datasets.map { name in
      let shape = try reader.shape(of: name)
      guard shape.dims.first == rowCounts[file] else {
        throw HDF5Error(path: reader.path, object: name, "its number of rows has changed since it was opened first")
      }
      return shape
    }
    let rows = stretch(from: row, of: shapes, in: file)
    let tensors = try configuration.datasets.map { try reader.tensor($0, rows: rows) }
    held = (file, rows, tensors)
    return (tensors, row - rows.lowerBound)
  }

  /// The rows to read when one of them is wanted.
  private func stretch(from row: Int, of shapes: [Shape], in file: Int) -> Range<Int> {
    let bytes = shapes.reduce(0) { $0 + $1.count(from: 1) * MemoryLayout<Float>.stride }
    let fitting = max(1, configuration.maximumHeld / max(1, bytes))
    if rowCounts[file] <= fitting { return 0..<rowCounts[file] }
    return row..<(configuration.shuffle ? row + 1 : min(row + fitting, rowCounts[file]))
  }

  private mutating func advanceFile() {
    turn += 1
    nextRow = 0
    if turn == fileOrder.count {
      epoch += 1
      beginEpoch()
    }
    orderRows()
  }

  private mutating func beginEpoch() {
    turn = 0
    fileOrder = order(list.paths.count, DrawStream.files, 0)
  }

  private mutating func orderRows() {
    let file = fileOrder[turn]
    rowOrder = order(rowCounts[file], DrawStream.rows, UInt64(file))
  }

  /// The numbers below `count`, in an order that depends on the seed, the epoch and what they are for.
  private func order(_ count: Int, _ stream: UInt64, _ part: UInt64) -> [Int] {
    guard configuration.shuffle else { return Array(0..<count) }
    return RandomStream(seed: configuration.seed, path: stream, UInt64(epoch), part).permutation(of: count)
  }
}
