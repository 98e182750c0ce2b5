import CaffeData

/// Windows in which objects may be, for a detector to look at: selective search (Uijlings, van de Sande, Gevers and Smeulders,
/// "Selective Search for Object Recognition", IJCV 2013).
///
/// A picture is cut into small regions of one colour; the most similar neighbours are joined until one region is left, and the
/// box around every region on the way is a window. That is repeated in several colour spaces, for finer and coarser regions,
/// and for several meanings of *similar*, since objects hold together for different reasons.
///
/// The same picture gives the same windows on every machine and for any number of threads. The whole picture is always among
/// them. A picture of 500x375 takes some tenths of a second in the fast mode.
public struct SelectiveSearch: Sendable {
  /// R-CNN's choice: two colour spaces, two scales, two kinds of similarity. About 2,000 windows for a photograph.
  public static let fast = SelectiveSearch()

  /// Five colour spaces, four scales, four kinds of similarity: about 10,000 windows.
  public static let quality = SelectiveSearch(
    colorSpaces: [.hsv, .lab, .rgi, .hue, .intensity], ks: [50, 100, 150, 300],
    similarities: [[.color, .texture, .size, .fill], [.texture, .size, .fill], [.fill], [.size]])

  /// In which colour spaces regions are looked for.
  public var colorSpaces: [ColorSpace]
  /// How coarse regions are to begin with: the larger, the larger; 1 to 1,000,000.
  public var ks: [Int]
  /// Pixels that a region has at least, 16 or more; nil: as many as k.
  public var minimumRegion: Int?
  /// What makes regions similar, for one grouping each.
  public var similarities: [Similarity]
  /// The smoothing before regions are looked for, in pixels; 0 to 10.
  public var sigma: Float
  /// Whether regions also hold together by the corners of pixels.
  public var joinsDiagonally: Bool
  /// Pictures are brought to this width; nil: they stay as they are. Either way to at most 524,288 pixels.
  public var workingWidth: Int?
  /// Windows that are less wide or high at the working size are dropped, unless they are as wide or high as the picture.
  public var minimumSide: Int
  /// Another seed gives the windows another order.
  public var seed: UInt64

  public init(
    colorSpaces: [ColorSpace] = [.hsv, .lab], ks: [Int] = [50, 100], minimumRegion: Int? = nil,
    similarities: [Similarity] = [[.color, .texture, .size, .fill], [.texture, .size, .fill]], sigma: Float = 0.8,
    joinsDiagonally: Bool = false, workingWidth: Int? = 500, minimumSide: Int = 20, seed: UInt64 = 0
  ) {
    self.colorSpaces = colorSpaces
    self.ks = ks
    self.minimumRegion = minimumRegion
    self.similarities = similarities
    self.sigma = sigma
    self.joinsDiagonally = joinsDiagonally
    self.workingWidth = workingWidth
    self.minimumSide = minimumSide
    self.seed = seed
  }

  /// Windows in the order of their priority, in pixels of the picture and within it.
  ///
  /// - Parameters:
  ///   - image: of any size; a gray one counts as one of three equal channels.
  ///   - threads: at least 1; the windows do not depend on it.
  /// - Throws: `SelectiveSearchError` for settings that mean nothing, `ImageError` when the picture cannot be resized.
  public func windows(in image: Image, threads: Int) throws -> [PictureWindow] {
    try check()
    let size = WorkingSize(of: image, width: workingWidth)
    let picture = try image.resized(width: size.width, height: size.height)
    let boxes = ProposalRanking.ranked(groupings(picture, threads: threads), seed: seed)
    return boxes.filter { size.isLargeEnough($0, side: minimumSide) }.map(size.window)
  }

  /// The boxes of every grouping: by colour space, then k, then similarity.
  private func groupings(_ picture: Image, threads: Int) -> [[RegionBox]] {
    let grounds = ParallelWork.map(colorSpaces.count, workers: threads) { space in
      let planes = ColorPlanes(picture, in: colorSpaces[space])
      return (graph: PixelGraph(planes, sigma: sigma, joinsDiagonally: joinsDiagonally), bins: PixelBins(planes))
    }
    let tables = ParallelWork.map(grounds.count * ks.count, workers: threads) { index in
      let (ground, k) = (grounds[index / ks.count], ks[index % ks.count])
      let segmentation = GraphSegmentation.segment(ground.graph, k: k, minimum: minimumRegion ?? k)
      return RegionTable(segmentation, ground.bins)
    }
    return ParallelWork.map(tables.count * similarities.count, workers: threads) { index in
      RegionGrouping.boxes(of: tables[index / similarities.count], by: similarities[index % similarities.count])
    }
  }
}
