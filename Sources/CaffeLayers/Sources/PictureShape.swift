import CaffeCore
import CaffeFormat

extension TransformationParameter {
  /// The shape of a batch of pictures that went through it, N×C×H×W; nil where it depends on the pictures.
  ///
  /// - Parameter isColor: whether pictures have three channels where no other field says so.
  /// - Throws: `ShapeError` when it would be too large.
  func imageShape(batch: Int, isColor: Bool = true) throws(ShapeError) -> Shape? {
    guard let size else { return nil }
    let isGray = forceGray || !forceColor && (meanValue.count == 1 || !isColor)
    return try Shape(validating: [batch, isGray ? 1 : 3, size.height, size.width])
  }

  private var size: (height: Int, width: Int)? {
    if cropSize > 0 { return (cropSize, cropSize) }
    if cropH > 0, cropW > 0 { return (cropH, cropW) }
    guard let resize = resizeParam, resize.resizeMode != .FIT_SMALL_SIZE, resize.height > 0, resize.width > 0 else { return nil }
    return (resize.height, resize.width)
  }
}
