import CaffeCore
import CaffeFormat

extension MeanImage {
  /// Averages the pictures of a database, encoded ones decoded first.
  ///
  /// - Parameters:
  ///   - progress: called with the records done and their number.
  ///   - shouldStop: asked once in a while; `true` ends the work.
  /// - Throws: `DatabaseError` when the database cannot be read or is empty, `RecordError` when a record is damaged or of
  ///   another size than the first, `CancellationError` when stopped.
  public static func compute(
    database path: String, progress: @escaping (_ done: Int, _ total: Int) -> Void = { _, _ in },
    shouldStop: @escaping () -> Bool = { false }
  ) throws -> MeanImage {
    let database = try DatabaseKind.open(path)
    let count = try database.countRecords()
    let transformer = try DataTransformer(TransformationParameter(), phase: .TEST, random: RandomStream(seed: 0))
    var cursor = database.makeCursor()
    var sum = MeanSum()
    var meter = ProgressMeter(total: count, report: progress, shouldStop: shouldStop)
    for _ in 0..<count {
      try cursor.next { key, value in
        try RecordError.locating(path: path, key: key) { try sum.add(DatumView(value), using: transformer) }
      }
      try meter.advance()
    }
    guard let mean = try sum.mean() else { throw DatabaseError(path: path, "the database has no entries") }
    return mean
  }
}
