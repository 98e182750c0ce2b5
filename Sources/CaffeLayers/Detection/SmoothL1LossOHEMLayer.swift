import CaffeCore
import CaffeFormat
import CaffeGraph

/// Σ f(w · (a − b)), divided as `loss_param` says, with f(x) = ½ x² where |x| < 1, |x| − ½ beyond, and the loss of every item as
/// well. Dai et al., NIPS 2016.
///
/// The third bottom gives the weights w, 1 when absent. Items are what remains without the channel axis; their losses choose the
/// hard examples (BoxAnnotatorOHEM), and no gradient flows back through them.
///
/// ```prototxt
/// # pred: 4x8
/// # target: 4x8
/// # weights: 4x8 in 0...1
/// layer {
///   name: "loss" type: "SmoothL1LossOHEM" bottom: "pred" bottom: "target" bottom: "weights"
///   top: "loss" top: "item_losses" loss_weight: 1 loss_weight: 0
///   loss_param { normalization: PRE_FIXED pre_fixed_normalizer: 128 }
/// }
/// ```
///
/// - Difference: the weights get the gradient that the formula gives; the forks never pass any to them.
/// - Dialect: in R-FCN's fork and in Intel's.
public struct SmoothL1LossOHEMLayer: Layer {
  public static let type = "SmoothL1LossOHEM"
  public static let bottoms = 2...3
  public static let tops = 0...2
  public static let role = LayerRole.loss
  private let curve = SmoothL1Curve()
  private let loss: LossParameter
  private let topCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) {
    loss = context.definition.loss
    topCount = context.topCount
  }

  /// Bottoms N×C×S…, all of one shape. Tops: loss (), and the items' losses N×1×S… (N×1×1×1 without S).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 2 else { throw ShapeError("needs bottoms with at least 2 axes (N, C), found \(bottoms[0])") }
    for other in bottoms.dropFirst() where other.count != bottoms[0].count || other.rank == 0 || other[0] != bottoms[0][0] {
      throw ShapeError("all bottoms must hold as many items of the same size, found \(bottoms[0]) and \(other)")
    }
    let places = bottoms[0].rank == 2 ? [1, 1] : Array(bottoms[0].dims[2...])
    let tops: [Shape] = [[], Shape([bottoms[0][0], 1] + places)]
    let reads = Set(bottoms.indices.map { BackwardRead.bottom($0) })
    return LayerSignature(tops: Array(tops.prefix(topCount)), backwardReads: reads)
  }

  public func forward(_ io: ForwardIO) {
    let b = io.bottoms
    let (channels, places) = (b[0].shape[1], b[0].shape.count(from: 2))
    var sum: Float = 0
    if io.tops.count > 1 { io.tops[1].fill(0) }
    for i in 0..<b[0].count {
      let value = curve.value(weight(b, i) * (b[0][i] - b[1][i]))
      sum += value
      if io.tops.count > 1 { io.tops[1][i / (channels * places) * places + i % places] += value }
    }
    io.tops.first?[0] = sum / divisor(b[0].shape)
  }

  private func weight(_ bottoms: [TensorView], _ i: Int) -> Float { bottoms.count > 2 ? bottoms[2][i] : 1 }

  /// Every item counts, whatever its weights.
  private func divisor(_ shape: Shape) -> Float {
    let inner = shape.count(from: 2)
    return loss.mode().divisor(valid: shape[0] * inner, outer: shape[0], inner: inner, preFixed: loss.preFixedNormalizer)
  }

  /// With x = w · (a − b): da = f'(x) · w · dloss / divisor, db = −da, dw = f'(x) · (a − b) · dloss / divisor.
  public func backward(_ io: BackwardIO) {
    let b = io.bottoms
    let factor = (io.topDiffs.first?[0] ?? 0) / divisor(b[0].shape)
    for (index, gradient) in io.bottomDiffs.enumerated() {
      guard let gradient else { continue }
      for i in 0..<gradient.count {
        let (w, difference) = (weight(b, i), b[0][i] - b[1][i])
        let slope = curve.slope(w * difference) * factor
        gradient[i] = index == 0 ? slope * w : index == 1 ? -slope * w : slope * difference
      }
    }
  }
}
