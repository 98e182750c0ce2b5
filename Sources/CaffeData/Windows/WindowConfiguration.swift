import CaffeCore
import CaffeFormat

/// What a WindowData layer says about its source.
public struct WindowConfiguration: Sendable {
  /// How a window becomes a square.
  public enum CropMode: String, Sendable, CaseIterable {
    /// It is stretched.
    case warp
    /// The square around it is taken.
    case square
  }

  /// The window file.
  public var source: String
  /// What paths in the file begin with.
  public var rootFolder = ""
  /// N: windows in a batch, at least 1.
  public var batchSize: Int
  /// The side of the square that windows become, in pixels.
  public var cropSize: Int
  /// Windows that overlap an object at least this much are examples of its class.
  public var foregroundThreshold: Float = 0.5
  /// Of the others those that overlap every object less than this are background.
  public var backgroundThreshold: Float = 0.5
  /// The share of a batch that shows objects.
  public var foregroundFraction: Float = 0.25
  /// Pixels of surroundings around a window, counted in the crop.
  public var contextPad = 0
  public var cropMode = CropMode.warp
  /// Whether a random half of the windows is mirrored, in both phases.
  public var mirrors = false
  /// Factor on (pixel − mean).
  public var scale: Float = 1
  /// One number for all channels or one each; not with `mean`.
  public var meanValues: [Float] = []
  /// A mean image, taken in its middle.
  public var mean: MeanImage?
  /// Whether the files of pictures stay in memory.
  public var cachesImages = false
  /// The run's seed, for the choice of windows and for mirroring.
  public var seed: UInt64
  /// Which of the windows are taken here.
  public var shard = DataShard.whole
  /// What becomes of windows whose picture cannot be used.
  public var badData = BadDataPolicy()
  /// Where pictures are looked for when neither the working directory nor the window file's has them.
  package var place = FilePlace(of: nil)

  public init(source: String, batchSize: Int, cropSize: Int, seed: UInt64 = 0) {
    self.source = source
    self.batchSize = batchSize
    self.cropSize = cropSize
    self.seed = seed
  }

  /// - Throws: `DataSettingsError` for settings that contradict each other.
  func check() throws(DataSettingsError) {
    guard cropSize > 0, cropSize <= Image.maximumPixels, cropSize * cropSize <= Image.maximumPixels else {
      throw DataSettingsError("crop_size \(cropSize) is no size of a window")
    }
    guard contextPad >= 0, contextPad <= (cropSize - 1) / 2 else {
      throw DataSettingsError("context_pad \(contextPad) leaves nothing of a crop_size of \(cropSize)")
    }
    guard (0...1).contains(foregroundFraction) else {
      throw DataSettingsError("fg_fraction is a share from 0 to 1, not \(foregroundFraction)")
    }
    guard meanValues.isEmpty || mean == nil else {
      throw DataSettingsError("mean_file and mean_value are both given; remove one of them")
    }
    try painter.check(channels: 3)
  }

  /// What makes items of windows.
  var painter: WindowPainter {
    let offset = mean.map(WindowPainter.Mean.image) ?? (meanValues.isEmpty ? .none : .channels(meanValues))
    return WindowPainter(height: cropSize, width: cropSize, mean: offset, scale: scale)
  }
}
