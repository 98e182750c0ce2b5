import CaffeCore
import CaffeFormat

/// What a Data layer says about its source.
public struct DatabaseConfiguration: Sendable {
  /// The database: a directory, LMDB's or LevelDB's.
  public var path: String
  /// What the net says of the database's kind; nil when it says nothing. What lies there decides; a note tells of a difference.
  public var kind: DatabaseKind?
  /// N: pictures in a batch, at least 1.
  public var batchSize: Int
  /// Batches that are made ahead of their use, 1 to 1024.
  public var prefetch = 4
  /// A random number of records below this is passed over at the start; 0 starts with the first.
  public var randSkip = 0
  /// What happens to each picture; a relative `mean_file` counts from the current directory.
  public var transform = TransformationParameter()
  /// TRAIN crops at random, TEST in the middle.
  public var phase: Phase
  /// The run's seed, for `randSkip`, crops and mirrors.
  public var seed: UInt64
  /// Which of the records are taken here.
  public var shard = DataShard.whole
  /// What becomes of records that cannot be used.
  public var badData = BadDataPolicy()

  public init(path: String, batchSize: Int, phase: Phase, seed: UInt64 = 0) {
    self.path = path
    self.batchSize = batchSize
    self.phase = phase
    self.seed = seed
  }
}
