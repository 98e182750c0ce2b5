import CaffeCore

/// Makes batches of a database, record after record and round and round.
struct BatchReader: Sendable {
  /// Streams of random numbers that a source draws from.
  private enum Stream {
    static let skip: UInt64 = 1
    static let transform: UInt64 = 2
  }

  /// The shape C×H×W that every picture must become: that of the first record's.
  let itemShape: Shape
  private let path: String
  private let batchSize: Int
  private let transformer: DataTransformer
  private var cursor: LMDBCursor
  private var nextItem: Int

  /// - Parameter start: pictures that were used before.
  /// - Throws: `RecordError` when the first record cannot be used, `LMDBError` or `DataSettingsError`.
  init(_ configuration: DatabaseConfiguration, snapshot: LMDBSnapshot, startingAt start: Int) throws {
    path = configuration.path
    batchSize = configuration.batchSize
    nextItem = start
    let draws = RandomStream(seed: configuration.seed, path: Stream.transform)
    transformer = try DataTransformer(configuration.transform, phase: configuration.phase, random: draws)
    cursor = snapshot.makeCursor()
    itemShape = try BatchReader.shape(ofFirstIn: cursor, path: path, transformer)
    let skip = BatchReader.skip(configuration)
    // Both are reduced first: their sum may pass what an Int holds.
    try cursor.skip(skip % snapshot.count + start % snapshot.count)
  }

  /// The number of records passed over at the start.
  private static func skip(_ configuration: DatabaseConfiguration) -> Int {
    guard configuration.randSkip > 0 else { return 0 }
    return RandomStream(seed: configuration.seed, path: Stream.skip).integer(0, below: configuration.randSkip)
  }

  private static func shape(
    ofFirstIn cursor: LMDBCursor, path: String, _ transformer: DataTransformer
  ) throws -> Shape {
    var cursor = cursor
    return try cursor.next { key, value in
      try RecordError.locating(path: path, key: key) {
        try transformer.outputShape(of: transformer.picture(of: DatumView(value)))
      }
    }
  }

  /// The next batch.
  ///
  /// - Throws: `RecordError` naming the record that cannot be used, `LMDBError` when the database is damaged.
  mutating func next() throws -> DataBatch {
    let first = nextItem
    let itemSize = itemShape.count
    var labels = [Float](repeating: 0, count: batchSize)
    let data = try Tensor(Shape([batchSize] + itemShape.dims)) { output in
      for index in 0..<batchSize {
        let room = UnsafeMutableBufferPointer(rebasing: output[index * itemSize..<(index + 1) * itemSize])
        labels[index] = try readItem(first + index, into: room)
      }
    }
    nextItem += batchSize
    return DataBatch(data: data, labels: try Tensor(Shape([batchSize]), values: labels), firstItem: first)
  }

  /// Writes the next record's picture and returns its label.
  private mutating func readItem(_ item: Int, into room: UnsafeMutableBufferPointer<Float>) throws -> Float {
    try cursor.next { [path, transformer, itemShape] key, value in
      try RecordError.locating(path: path, key: key) {
        let datum = try DatumView(value)
        let picture = try transformer.picture(of: datum)
        let shape = try transformer.outputShape(of: picture)
        guard shape == itemShape else {
          throw DatumError(
            "the picture becomes \(shape), those of the batches \(itemShape); make the database with one size "
              + "(convert_imageset's --resize), or give a crop_size")
        }
        try transformer.transform(picture, item: item, into: room)
        return Float(datum.label)
      }
    }
  }
}
