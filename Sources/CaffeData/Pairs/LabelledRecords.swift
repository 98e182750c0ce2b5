import CaffeCore

/// The records of a small database in memory: byte pictures of one shape, with their labels.
struct LabelledRecords {
  /// The most bytes of pictures that are held.
  private static let maximumBytes = 1 << 31

  /// C×H×W, the same for all.
  let shape: (channels: Int, height: Int, width: Int)
  let pictures: [[UInt8]]
  let labels: [Int]
  /// The numbers of the records of each label, labels sorted.
  let classes: [[Int]]
  /// For each record the place of its label in `classes`.
  let classOf: [Int]

  /// - Throws: `DatabaseError` when the database cannot be read, `RecordError` for a record that is encoded, holds floats, or is
  /// of   another shape than the first.
  init(database path: String) throws {
    let database = try DatabaseKind.open(path)
    var cursor = database.makeCursor()
    var (pictures, labels, total) = ([[UInt8]](), [Int](), 0)
    var shape: (channels: Int, height: Int, width: Int)?
    for _ in 0..<(try database.countRecords()) {
      try cursor.next { key, value in
        try RecordError.locating(path: path, key: key) {
          let datum = try DatumView(value)
          let found = (datum.channels, datum.height, datum.width)
          if shape == nil { shape = found }
          try LabelledRecords.check(datum, is: shape ?? found)
          total += datum.data.count
          guard total <= LabelledRecords.maximumBytes else { throw DatumError("the database is too large for pairs of it") }
          pictures.append(Array(datum.data))
          labels.append(datum.label)
        }
      }
    }
    guard let shape else { throw DatabaseError(path: path, "the database has no entries") }
    let members = Dictionary(grouping: labels.indices) { labels[$0] }.sorted { $0.key < $1.key }.map(\.value)
    var classOf = [Int](repeating: 0, count: labels.count)
    for (place, records) in members.enumerated() { for record in records { classOf[record] = place } }
    classes = members
    self.classOf = classOf
    (self.shape, self.pictures, self.labels) = (shape, pictures, labels)
  }

  private static func check(_ datum: DatumView, is shape: (channels: Int, height: Int, width: Int)) throws(DatumError) {
    guard !datum.isEncoded else { throw DatumError("it is an encoded picture; pairs are made of plain pixels") }
    guard (datum.channels, datum.height, datum.width) == shape else {
      throw DatumError(
        "it is \(datum.channels)x\(datum.height)x\(datum.width), the first \(shape.channels)x\(shape.height)x\(shape.width)")
    }
    let sides = [datum.channels, datum.height, datum.width]
    let count = (try? Shape(validating: sides))?.count ?? -1
    guard count > 0, datum.data.count == count else {
      throw DatumError("it has \(datum.data.count) bytes of pixels, its shape says \(Shape(sides))")
    }
  }
}
