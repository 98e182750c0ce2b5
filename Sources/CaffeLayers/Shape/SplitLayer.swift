import CaffeCore
import CaffeGraph

/// Gives one blob several names: every top is y = x. Caffe inserted these where a blob has several readers; written out it does
/// the same.
///
/// ```prototxt
/// # x: 2x3
/// layer { name: "split" type: "Split" bottom: "x" top: "a" top: "b" }
/// ```
public struct SplitLayer: Layer {
  public static let type = "Split"
  public static let bottoms = 1...1
  public static let tops = 1...Int.max
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) { topCount = context.topCount }

  /// Every top has the bottom's shape.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: [Shape](repeating: bottoms[0], count: topCount), primitive: topCount == 1 ? .view : nil)
  }

  public func forward(_ io: ForwardIO) {
    for top in io.tops { top.copy(from: io.bottoms[0]) }
  }

  /// dx = Σ dy
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    dx.copy(from: io.topDiffs[0])
    for dy in io.topDiffs.dropFirst() { for i in 0..<dx.count { dx[i] += dy[i] } }
  }
}
