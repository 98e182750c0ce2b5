import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `contrastive_loss_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ContrastiveLossParameters: LayerParameters {
  /// The distance from which on a dissimilar pair costs nothing.
  public var margin: Float = 1
  /// The loss of Caffe's first version, which took the margin from the squared distance.
  public var legacyVersion = false
  public init() {}
  public static let messageName = "ContrastiveLossParameter"
  public static let fields: [Field<ContrastiveLossParameters>] = [
    Field("margin", 1, \.margin), Field("legacy_version", 2, \.legacyVersion),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("contrastive_loss_param", 105, v1: 40, schema)
}

/// Σ (similar ? d² : max(margin − d, 0)²) / (2N), d being the distance of the pair; in the legacy version a dissimilar pair costs
/// max(margin − d², 0). Hadsell et al., CVPR 2006.
///
/// ```prototxt
/// # a: 4x3
/// # b: 4x3
/// # similar: 4 labels 2
/// layer {
///   name: "loss" type: "ContrastiveLoss" bottom: "a" bottom: "b" bottom: "similar" top: "loss"
///   contrastive_loss_param { margin: 2 }
/// }
/// ```
public struct ContrastiveLossLayer: Layer {
  public static let type = "ContrastiveLoss"
  public static let bottoms = 3...3
  public static let tops = 0...1
  public static let role = LayerRole.loss
  private let parameters: ContrastiveLossParameters
  private let topCount: Int

  public init(_ parameters: ContrastiveLossParameters, in context: LayerContext) {
    self.parameters = parameters
    topCount = context.topCount
  }

  /// Two bottoms N×C and N labels: 0 for dissimilar pairs, anything else for similar ones. Top: loss ().
  /// Saved: a − b, and d² of each pair.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank > 1, bottoms[0].dims == bottoms[1].dims, bottoms[0].count(from: 2) == 1 else {
      throw ShapeError("needs two bottoms NxC of the same shape, found \(bottoms[0]) and \(bottoms[1])")
    }
    guard bottoms[2].rank > 0, bottoms[2][0] == bottoms[0][0], bottoms[2].count(from: 1) == 1 else {
      throw ShapeError("\(bottoms[0][0]) pairs need \(bottoms[0][0]) labels, found \(bottoms[2])")
    }
    return LayerSignature(
      tops: Array([[]].prefix(topCount)), saved: [bottoms[0], [bottoms[0][0]]], backwardReads: [.bottom(2)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index < 2 }

  private func isSimilar(_ labels: TensorView, _ pair: Int) -> Bool { labels[pair].rounded(.towardZero) != 0 }

  public func forward(_ io: ForwardIO) {
    let (a, b, difference, squares) = (io.bottoms[0], io.bottoms[1], io.saved[0], io.saved[1])
    let channels = a.shape[1]
    var sum: Float = 0
    for pair in 0..<squares.count {
      squares[pair] = 0
      for i in pair * channels..<(pair + 1) * channels {
        difference[i] = a[i] - b[i]
        squares[pair] += difference[i] * difference[i]
      }
      let gap = max(0, margin(squares[pair]))
      sum += isSimilar(io.bottoms[2], pair) ? squares[pair] : parameters.legacyVersion ? gap : gap * gap
    }
    io.tops.first?[0] = sum / Float(max(1, squares.count)) / 2
  }

  /// What is left of the margin at a squared distance.
  private func margin(_ square: Float) -> Float { parameters.margin - (parameters.legacyVersion ? square : square.squareRoot()) }

  /// da = (a − b) · dloss / N for similar pairs, −(a − b) · (margin − d) / (d + 10⁻⁴) · dloss / N for dissimilar ones within
  /// the margin (legacy: −(a − b) · dloss / N); db = −da.
  public func backward(_ io: BackwardIO) {
    let (difference, squares) = (io.saved[0], io.saved[1])
    let channels = difference.shape[1]
    let factor = (io.topDiffs.first?[0] ?? 0) / Float(max(1, squares.count))
    for (sign, gradient) in zip([factor, -factor], io.bottomDiffs) {
      guard let gradient else { continue }
      for pair in 0..<squares.count {
        let slope = sign * (isSimilar(io.bottoms[2], pair) ? 1 : -push(squares[pair]))
        for i in pair * channels..<(pair + 1) * channels { gradient[i] = slope * difference[i] }
      }
    }
  }

  /// How hard a dissimilar pair is pushed apart, per unit of its difference; 10⁻⁴ keeps equal items finite, as in Caffe.
  private func push(_ square: Float) -> Float {
    let gap = margin(square)
    guard gap > 0 else { return 0 }
    return parameters.legacyVersion ? 1 : gap / (square.squareRoot() + 1e-4)
  }
}
