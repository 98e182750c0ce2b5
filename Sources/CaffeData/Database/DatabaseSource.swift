import CaffeCore

/// The source of a Data layer: batches from a database, for ever, made ahead of their use on threads of their own.
///
/// Records come in the order of their keys; after the last comes the first, also within a batch. The same
/// configuration gives the same batches, and `startingAt` continues a run where `position` said it stood. One thread
/// at a time takes batches.
public final class DatabaseSource: BatchSource {
  /// The number of records in the database; nil for LevelDB, which does not keep it.
  public let recordCount: Int?
  private let batches: ItemBatches

  /// Opens the database and begins to make batches.
  ///
  /// - Parameter start: items that a run used before this one, 0 for a fresh run.
  /// - Throws: `DataSettingsError` for numbers that make no sense, `DatabaseError` when the database cannot be read or is
  ///   empty, `RecordError` when its first record is not usable, and what reading the mean file throws.
  public init(_ configuration: DatabaseConfiguration, startingAt start: Int = 0) throws {
    let size = try DatabaseSource.size(configuration)
    let database = try DatabaseKind.open(configuration.path)
    DatabaseSource.compareKinds(configuration)
    recordCount = database.knownCount
    batches = try ItemBatches(
      DatabaseReader(configuration, database: database), size, policy: configuration.badData,
      shard: configuration.shard, startingAt: start)
  }

  /// The shapes of a configuration's batches, without making any.
  ///
  /// - Returns: N×C×H×W of the data and N of the labels.
  /// - Throws: as `init` does.
  public static func shapes(of configuration: DatabaseConfiguration) throws -> (data: Shape, labels: Shape) {
    let size = try size(configuration)
    let reader = try DatabaseReader(configuration, database: try DatabaseKind.open(configuration.path))
    return try ItemBatches.shapes(of: reader, size, policy: configuration.badData)
  }

  private static func size(_ configuration: DatabaseConfiguration) throws(DataSettingsError) -> BatchSize {
    try BatchSize(items: configuration.batchSize, prefetch: configuration.prefetch)
  }

  /// Says so when the net speaks of another kind of database.
  private static func compareKinds(_ configuration: DatabaseConfiguration) {
    guard let stated = configuration.kind, let found = DatabaseKind(at: configuration.path), stated != found else { return }
    configuration.badData.note(
      "\(configuration.path) is a database of the kind \(found.name), not \(stated.name) as the net says; "
        + "it is read all the same."
    )
  }

  /// N×C×H×W: the shape of a batch's data, from the first record and `crop_size`.
  public var dataShape: Shape { batches.dataShape }
  /// N: the shape of a batch's labels.
  public var labelShape: Shape { batches.labelShape }

  /// The next batch; waits until it is made.
  ///
  /// - Throws: `RecordError` naming the record that is damaged or of another size than the first, `DatabaseError` when the
  ///   database is damaged. The batches before it have been delivered; asking again throws the same.
  public func next() throws -> DataBatch { try batches.next() }

  public func nextTensors() throws -> [Tensor] { try next().tensors }

  public var contents: String { recordCount.map { "\($0) records of \(dataShape)" } ?? "records of \(dataShape)" }

  public var position: Int { batches.position }

  public var secondsWaited: Double { batches.secondsWaited }
}
