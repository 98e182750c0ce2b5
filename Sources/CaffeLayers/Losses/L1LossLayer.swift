import CaffeCore
import CaffeGraph

/// Σ |a − b| / N, N being the first axis.
///
/// ```prototxt
/// # a: 4x3x2
/// # b: 4x3x2
/// layer { name: "loss" type: "L1Loss" bottom: "a" bottom: "b" top: "loss" }
/// ```
///
/// - Dialect: in NVIDIA's fork, where DetectNet uses it. FlowNet's layer of the same name, which takes a single bottom and has
///   an `l1_loss_param`, is another one and is not known here.
public struct L1LossLayer: Layer {
  public static let type = "L1Loss"
  public static let bottoms = 2...2
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) { topCount = context.topCount }

  /// Two bottoms N×…, equal but for the arrangement of their inner axes. Top: loss ().
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank > 0, bottoms[1].rank > 0, bottoms[0][0] == bottoms[1][0], bottoms[0].count == bottoms[1].count else {
      throw ShapeError("both bottoms must hold as many items of the same size, found \(bottoms[0]) and \(bottoms[1])")
    }
    return LayerSignature(tops: Array([[]].prefix(topCount)), backwardReads: [.bottom(0), .bottom(1)])
  }

  public func forward(_ io: ForwardIO) {
    let (a, b) = (io.bottoms[0], io.bottoms[1])
    let sum = (0..<a.count).reduce(Float(0)) { $0 + abs(a[$1] - b[$1]) }
    io.tops.first?[0] = sum / Float(max(1, a.shape[0]))
  }

  /// da = sign(a − b) · dloss / N, which is 0 where a = b; db = −da.
  public func backward(_ io: BackwardIO) {
    let (a, b) = (io.bottoms[0], io.bottoms[1])
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, a.shape[0]))
    for (direction, gradient) in zip([factor, -factor], io.bottomDiffs) {
      guard let gradient else { continue }
      for i in 0..<gradient.count { gradient[i] = direction * sign(a[i] - b[i]) }
    }
  }
}
