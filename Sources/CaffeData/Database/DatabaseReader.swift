import CaffeCore

/// The records of a database as items, round and round.
struct DatabaseReader: ItemReader {
  private let path: String
  private let transformer: DataTransformer
  private var cursor: RecordCursor

  /// - Throws: `DatabaseError`, `DataSettingsError`, and what reading the mean file throws.
  init(_ configuration: DatabaseConfiguration, database: any RecordDatabase) throws {
    path = configuration.path
    let draws = RandomStream(seed: configuration.seed, path: DrawStream.transform)
    transformer = try DataTransformer(configuration.transform, phase: configuration.phase, random: draws)
    cursor = database.makeCursor()
    try cursor.skip(DrawStream.skipped(configuration.randSkip, seed: configuration.seed))
  }

  var supply: Int? { cursor.count }

  mutating func draw() throws -> DatabaseRecord { try cursor.next() }

  mutating func skip(_ count: Int) throws { try cursor.skip(count) }

  func shapes(of record: DatabaseRecord) throws -> ItemShapes {
    try locating(record) { datum in
      ItemShapes(data: try transformer.outputShape(of: transformer.picture(of: datum)), label: [])
    }
  }

  func make(_ record: DatabaseRecord, item: Int, into room: ItemRoom) throws {
    try locating(record) { datum in
      let picture = try transformer.picture(of: datum)
      let shape = try transformer.outputShape(of: picture)
      guard shape == room.shapes.data else {
        throw DatumError(
          "the picture becomes \(shape), those of the batches \(room.shapes.data); make the database with one size "
            + "(convert_imageset's --resize), or give a crop_size")
      }
      try transformer.transform(picture, item: item, into: room.data)
      room.labels[0] = Float(datum.label)
    }
  }

  private func locating<R>(_ record: DatabaseRecord, _ body: (DatumView) throws -> R) throws(RecordError) -> R {
    try RecordError.locating(path: path, key: record.key) {
      try record.withValue { try body(DatumView($0)) }
    }
  }
}
