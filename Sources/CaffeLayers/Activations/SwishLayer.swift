import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `swish_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct SwishParameters: LayerParameters {
  /// How steep the gate σ is; at 0 the layer halves x, and the larger it is the more it is ReLU.
  public var beta: Float = 1
  public init() {}
  public static let messageName = "SwishParameter"
  public static let fields: [Field<SwishParameters>] = [Field("beta", 1, \.beta)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("swish_param", 147, schema)
}

/// y = x · σ(beta · x), σ being the logistic function. Ramachandran et al., 2017.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "swish" type: "Swish" bottom: "x" top: "y" swish_param { beta: 1.5 } }
/// ```
public struct SwishLayer: Layer {
  public static let type = "Swish"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let beta: Float

  public init(_ parameters: SwishParameters, in context: LayerContext) { beta = parameters.beta }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements,
      primitive: .elementary(.swish(beta: beta)))
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { $0 * logistic(beta * $0) }
  }

  /// dx = dy · (beta · y + σ · (1 − beta · y))
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    dx.setEach(x, dy) { x, dy in
      let gate = logistic(beta * x)
      let y = x * gate
      return dy * (beta * y + gate * (1 - beta * y))
    }
  }
}
