import CaffeCore

extension DatabaseConversion {
  /// The most pairs of a database.
  private static let maximumPairs = 100_000_000

  /// Pairs the pictures of a database for a siamese net: records of both pictures' channels, one after the other, with label 1
  /// when both show the same class and 0 when not. About half of the pairs are alike.
  ///
  /// - Parameters:
  ///   - count: the number of pairs; nil makes as many as there are pictures.
  ///   - seed: another one makes other pairs.
  /// - Throws: `DatabaseError` or `RecordError` when the database cannot be used, `DataFileError` when pairs cannot be made of
  /// it,   `CancellationError` when stopped.
  public static func pairs(
    of database: String, into path: String, as kind: DatabaseKind = .lmdb, count: Int? = nil, seed: UInt64 = 1,
    progress: @escaping Progress = { _, _ in }, shouldStop: @escaping () -> Bool = { false }
  ) throws {
    let records = try LabelledRecords(database: database)
    guard records.classes.count > 1 else {
      throw DataFileError(path: database, "pairs need pictures of two classes; all of these have the same label")
    }
    let count = count ?? records.pictures.count
    guard (1...maximumPairs).contains(count) else {
      throw DataFileError(path: path, "a database has 1 to \(maximumPairs) pairs, not \(count)")
    }
    let output = try DatabaseWriter(path: path, kind: kind)
    var meter = ProgressMeter(total: count, report: progress, shouldStop: shouldStop)
    for index in 0..<count {
      let (first, second) = pair(index, of: records, seed: seed)
      let record = record(
        records.pictures[first] + records.pictures[second], channels: 2 * records.shape.channels,
        height: records.shape.height, width: records.shape.width,
        label: records.classOf[first] == records.classOf[second] ? 1 : 0)
      try output.put(key: key(index, digits: 8), value: record)
      try meter.advance()
    }
    try output.commit()
  }

  /// Two records: the first any, the second of the same class or of another one with equal chances.
  private static func pair(_ index: Int, of records: LabelledRecords, seed: UInt64) -> (Int, Int) {
    let random = RandomStream(seed: seed, path: UInt64(index))
    let first = random.integer(0, below: records.pictures.count)
    let own = records.classes[records.classOf[first]]
    if random.integer(1, below: 2) == 1 { return (first, own[random.integer(2, below: own.count)]) }
    var place = random.integer(2, below: records.pictures.count - own.count)
    for (index, members) in records.classes.enumerated() where index != records.classOf[first] {
      if place < members.count { return (first, members[place]) }
      place -= members.count
    }
    return (first, own[0])
  }
}
