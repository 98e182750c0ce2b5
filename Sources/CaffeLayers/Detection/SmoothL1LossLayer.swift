import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `smooth_l1_loss_param`, by their prototxt names; defaults are those of Faster R-CNN.
public struct SmoothL1LossParameters: LayerParameters {
  /// The larger, the nearer to 0 the parabola ends and the straight line begins.
  public var sigma: Float = 1
  public init() {}
  public static let messageName = "SmoothL1LossParameter"
  public static let fields: [Field<SmoothL1LossParameters>] = [Field("sigma", 1, \.sigma)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("smooth_l1_loss_param", 8_266_712, schema)
}

/// Σ outside · f(inside · (a − b)) / N with f(x) = ½ (σx)² where |x| < 1/σ², |x| − ½/σ² beyond, and N the first axis. Girshick,
/// ICCV 2015.
///
/// The third bottom gives the inside weights, the fourth the outside weights; those that are absent are 1.
///
/// ```prototxt
/// # pred: 4x8
/// # target: 4x8
/// # inside: 4x8 in 0...1
/// # outside: 4x8 in 0...1
/// layer {
///   name: "loss" type: "SmoothL1Loss" bottom: "pred" bottom: "target" bottom: "inside" bottom: "outside" top: "loss"
///   smooth_l1_loss_param { sigma: 3 }
/// }
/// ```
///
/// - Difference: the weights get the gradients that the formula gives; the forks never pass any to them.
/// - Dialect: Fast and Faster R-CNN take 2 or 4 bottoms, SSD 2 or 3, without `smooth_l1_loss_param`; they mean the same.
public struct SmoothL1LossLayer: Layer {
  public static let type = "SmoothL1Loss"
  public static let bottoms = 2...4
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let curve: SmoothL1Curve
  private let topCount: Int

  public init(_ parameters: SmoothL1LossParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.sigma > 0, parameters.sigma.isFinite else { throw LayerError("sigma must be above 0", field: "sigma") }
    curve = SmoothL1Curve(sigma: parameters.sigma)
    topCount = context.topCount
  }

  /// Bottoms N×…, equal but for the arrangement of their inner axes. Top: loss ().
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    for other in bottoms.dropFirst() {
      guard bottoms[0].rank > 0, other.rank > 0, bottoms[0][0] == other[0], bottoms[0].count == other.count else {
        throw ShapeError("all bottoms must hold as many items of the same size, found \(bottoms[0]) and \(other)")
      }
    }
    let reads = Set(bottoms.indices.map { BackwardRead.bottom($0) })
    return LayerSignature(tops: Array([[]].prefix(topCount)), backwardReads: reads)
  }

  public func forward(_ io: ForwardIO) {
    let b = io.bottoms
    var sum: Float = 0
    for i in 0..<b[0].count { sum += outside(b, i) * curve.value(inside(b, i) * (b[0][i] - b[1][i])) }
    io.tops.first?[0] = sum / Float(max(1, b[0].shape[0]))
  }

  private func inside(_ bottoms: [TensorView], _ i: Int) -> Float { bottoms.count > 2 ? bottoms[2][i] : 1 }
  private func outside(_ bottoms: [TensorView], _ i: Int) -> Float { bottoms.count > 3 ? bottoms[3][i] : 1 }

  /// With x = inside · (a − b): da = outside · f'(x) · inside · dloss / N, db = −da,
  /// dinside = outside · f'(x) · (a − b) · dloss / N, doutside = f(x) · dloss / N.
  public func backward(_ io: BackwardIO) {
    let b = io.bottoms
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, b[0].shape[0]))
    for (index, gradient) in io.bottomDiffs.enumerated() {
      guard let gradient else { continue }
      for i in 0..<gradient.count {
        let difference = b[0][i] - b[1][i]
        let x = inside(b, i) * difference
        switch index {
        case 0: gradient[i] = outside(b, i) * curve.slope(x) * inside(b, i) * factor
        case 1: gradient[i] = -outside(b, i) * curve.slope(x) * inside(b, i) * factor
        case 2: gradient[i] = outside(b, i) * curve.slope(x) * difference * factor
        default: gradient[i] = curve.value(x) * factor
        }
      }
    }
  }
}
