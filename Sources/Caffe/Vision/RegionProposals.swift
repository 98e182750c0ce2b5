import CaffeData
import CaffeVision

/// Where a picture's windows come from when no list has them.
public enum RegionProposals: String, Sendable, CaseIterable {
  /// Selective search, its fast strategy: about 2,000 windows.
  case selectiveSearch = "selective-search"
  /// Selective search with more colour spaces and scales: about 10,000 windows.
  case selectiveSearchQuality = "selective-search-quality"

  /// The windows of a picture.
  ///
  /// - Throws: `ImageError` when the picture cannot be resized.
  public func windows(in image: Image, threads: Int = NetOptions.coreCount) throws -> [PictureWindow] {
    switch self {
    case .selectiveSearch: try SelectiveSearch.fast.windows(in: image, threads: threads)
    case .selectiveSearchQuality: try SelectiveSearch.quality.windows(in: image, threads: threads)
    }
  }
}
