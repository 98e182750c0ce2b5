import CaffeCore
import CaffeFormat

extension TransformationParameter {
  /// The shape of a batch of pictures as far as the transformation alone tells it: N×C×crop×crop; nil without a crop.
  ///
  /// - Parameter isColor: whether pictures have three channels where no other field says so.
  /// - Throws: `ShapeError` when it would be too large.
  func imageShape(batch: Int, isColor: Bool = true) throws(ShapeError) -> Shape? {
    guard cropSize > 0 else { return nil }
    let channels = forceGray || meanValue.count == 1 || !isColor ? 1 : 3
    return try Shape(validating: [batch, channels, cropSize, cropSize])
  }
}
