import CaffeCore
import CaffeFormat

extension TransformationParameter {
  /// The shape of a batch of pictures that went through it, N×C×H×W; nil where it depends on the pictures.
  ///
  /// Pictures are taken to be in colour unless it says otherwise.
  func batchShape(_ count: Int) -> Shape? {
    size.map { [count, forceGray || meanValue.count == 1 && !forceColor ? 1 : 3, $0.height, $0.width] }
  }

  private var size: (height: Int, width: Int)? {
    if cropSize > 0 { return (cropSize, cropSize) }
    if cropH > 0, cropW > 0 { return (cropH, cropW) }
    guard let resize = resizeParam, resize.resizeMode != .FIT_SMALL_SIZE, resize.height > 0, resize.width > 0 else { return nil }
    return (resize.height, resize.width)
  }
}
