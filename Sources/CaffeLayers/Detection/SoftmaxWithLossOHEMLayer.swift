import CaffeCore
import CaffeGraph

/// SoftmaxWithLoss that tells the loss of every item as well: −log p[label], 0 where the label is ignored. Dai et al., NIPS 2016.
///
/// The items' losses choose the hard examples (BoxAnnotatorOHEM); no gradient flows back through them.
///
/// ```prototxt
/// # x: 4x5
/// # label: 4 labels 5
/// layer {
///   name: "loss" type: "SoftmaxWithLossOHEM" bottom: "x" bottom: "label"
///   top: "loss" top: "prob" top: "item_losses" loss_weight: 1 loss_weight: 0 loss_weight: 0
/// }
/// ```
///
/// - Dialect: in R-FCN's fork and in Intel's.
public struct SoftmaxWithLossOHEMLayer: Layer {
  public static let type = "SoftmaxWithLossOHEM"
  public static let bottoms = 2...2
  public static let tops = 0...3
  public static let role = LayerRole.loss
  private let plain: SoftmaxWithLossLayer
  private let topCount: Int

  public init(_ parameters: SoftmaxParameters, in context: LayerContext) throws(LayerError) {
    plain = try SoftmaxWithLossLayer(parameters, in: context)
    topCount = context.topCount
  }

  /// Scores …×C×…, labels: as many as there are score lines. Tops: loss (), the probabilities, and the items' losses in the shape
  /// of the labels. Saved: the probabilities.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    var signature = try plain.signature(of: bottoms)
    if topCount > 2 { signature.tops.append(bottoms[1]) }
    return signature
  }

  public func allowsGradient(toBottom index: Int) -> Bool { plain.allowsGradient(toBottom: index) }

  public func forward(_ io: ForwardIO) {
    plain.forward(io)
    guard io.tops.count > 2, let lines = AxisLines(io.bottoms[0].shape, axis: plain.axis) else { return }
    let losses = io.tops[2]
    losses.fill(0)
    plain.eachLabel(io.bottoms[1], lines) { index, label, line in
      guard (0..<lines.extent).contains(label) else { return }
      losses[index] = -logarithm(max(io.saved[0][line + label * lines.inner], Float.leastNormalMagnitude))
    }
  }

  /// dx = (p − 1[label]) · dloss / divisor; 0 where the label is ignored.
  public func backward(_ io: BackwardIO) { plain.backward(io) }
}
