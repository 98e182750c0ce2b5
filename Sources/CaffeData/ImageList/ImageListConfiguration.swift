import CaffeCore
import CaffeFormat

/// What an ImageData layer says about its source.
public struct ImageListConfiguration: Sendable {
  /// A text file with a picture's path and its labels a line.
  public var source: String
  /// What paths in the list begin with.
  public var rootFolder = ""
  /// Numbers behind a path: 0 reads a list without labels, or passes over the one that is there.
  public var labelCount = 1
  /// Whether anybody wants the labels; else lines may be without them.
  public var needsLabels = true
  /// N: pictures in a batch, at least 1.
  public var batchSize: Int
  /// Batches that are made ahead of their use, 1 to 1024.
  public var prefetch = 4
  /// A random number of pictures below this is passed over at the start.
  public var randSkip = 0
  /// Whether the pictures come in another order each epoch.
  public var shuffle = false
  /// H and W that pictures are resized to before anything else; nil keeps theirs.
  public var size: (height: Int, width: Int)?
  /// Whether pictures are read in colour.
  public var isColor = true
  /// What happens to each picture; a relative `mean_file` counts from the current directory.
  public var transform = TransformationParameter()
  /// TRAIN crops at random, TEST in the middle.
  public var phase: Phase
  /// The run's seed, for the order, `randSkip`, crops and mirrors.
  public var seed: UInt64
  /// Which of the pictures are taken here.
  public var shard = DataShard.whole
  /// What becomes of pictures that cannot be used.
  public var badData = BadDataPolicy()
  /// Where pictures are looked for when neither the working directory nor the list's has them.
  package var place = FilePlace(of: nil)

  public init(source: String, batchSize: Int, phase: Phase, seed: UInt64 = 0) {
    self.source = source
    self.batchSize = batchSize
    self.phase = phase
    self.seed = seed
  }
}
