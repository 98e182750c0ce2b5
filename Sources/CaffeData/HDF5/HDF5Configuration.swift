import CaffeCore

/// What an HDF5Data layer says about its source.
public struct HDF5Configuration: Sendable {
  /// A text file that lists HDF5 files, one a line.
  public var source: String
  /// The dataset of each top.
  public var datasets: [String]
  /// N: rows in a batch, at least 1.
  public var batchSize: Int
  /// Whether files, and the rows of a file, come in another order each epoch.
  public var shuffle = false
  /// The run's seed, for `shuffle`.
  public var seed: UInt64 = 0
  /// Which of the rows are taken here.
  public var shard = DataShard.whole
  /// Bytes of rows that may be in memory at once: larger files are read in stretches, or row by row when they are shuffled.
  public var maximumHeld = 256 << 20
  /// Where listed files are looked for when neither the working directory nor the list's has them.
  package var place = FilePlace(of: nil)

  public init(source: String, datasets: [String], batchSize: Int) {
    self.source = source
    self.datasets = datasets
    self.batchSize = batchSize
  }
}
