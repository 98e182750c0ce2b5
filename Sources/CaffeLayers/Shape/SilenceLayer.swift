import CaffeCore
import CaffeGraph

/// Reads blobs and makes nothing, so that they are not printed as outputs of the net.
///
/// ```prototxt
/// # x: 2x3
/// layer { name: "hush" type: "Silence" bottom: "x" }
/// ```
public struct SilenceLayer: Layer {
  public static let type = "Silence"
  public static let bottoms = 1...Int.max
  public static let tops = 0...0

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// Any shapes.
  public func signature(of bottoms: [Shape]) -> LayerSignature { LayerSignature(tops: []) }

  public func forward(_ io: ForwardIO) {}

  /// dx = 0
  public func backward(_ io: BackwardIO) {
    for gradient in io.bottomDiffs { gradient?.fill(0) }
  }
}
