import CaffeCore
import CaffeGraph

/// y = |x|
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "abs" type: "AbsVal" bottom: "x" top: "y" }
/// ```
///
/// - Difference: it works in place; Caffe 1.0 refuses to.
public struct AbsValLayer: Layer {
  public static let type = "AbsVal"
  public static let bottoms = 1...1
  public static let tops = 1...1

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements,
      primitive: .elementary(.absolute))
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = abs(x[i]) }
  }

  /// dx = dy · sign(x), which is 0 at 0.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = dy[i] * sign(x[i]) }
  }
}
