import CaffeFormat

/// What a Data layer says about its source.
public struct DatabaseConfiguration: Sendable {
  /// The most batches that may be made ahead: each takes memory.
  public static let maximumPrefetch = 1024

  /// The LMDB database: a directory with `data.mdb`.
  public var path: String
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

  public init(path: String, batchSize: Int, phase: Phase, seed: UInt64 = 0) {
    self.path = path
    self.batchSize = batchSize
    self.phase = phase
    self.seed = seed
  }
}
