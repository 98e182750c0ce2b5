import CaffeCore
import CaffeGraph

/// Σ (a − b)² / (2N), N being the first axis.
///
/// ```prototxt
/// # prediction: 4x3
/// # target: 4x3
/// layer { name: "loss" type: "EuclideanLoss" bottom: "prediction" bottom: "target" top: "loss" }
/// ```
public struct EuclideanLossLayer: Layer {
  public static let type = "EuclideanLoss"
  public static let bottoms = 2...2
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) { topCount = context.topCount }

  /// Two bottoms N×…, equal but for the arrangement of their inner axes. Top: loss (). Saved: a − b.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank > 0, bottoms[1].rank > 0, bottoms[0][0] == bottoms[1][0], bottoms[0].count == bottoms[1].count else {
      throw ShapeError("both bottoms must hold as many items of the same size, found \(bottoms[0]) and \(bottoms[1])")
    }
    return LayerSignature(tops: Array([[]].prefix(topCount)), saved: [bottoms[0]])
  }

  public func forward(_ io: ForwardIO) {
    let (a, b, difference) = (io.bottoms[0], io.bottoms[1], io.saved[0])
    var sum: Float = 0
    for i in 0..<a.count {
      difference[i] = a[i] - b[i]
      sum += difference[i] * difference[i]
    }
    io.tops.first?[0] = sum / Float(max(1, a.shape[0])) / 2
  }

  /// da = (a − b) · dloss / N, db = −da
  public func backward(_ io: BackwardIO) {
    let difference = io.saved[0]
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, difference.shape[0]))
    for (sign, gradient) in zip([factor, -factor], io.bottomDiffs) {
      guard let gradient else { continue }
      for i in 0..<difference.count { gradient[i] = sign * difference[i] }
    }
  }
}
