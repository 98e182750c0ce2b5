import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `hard_sigmoid_param`, by their prototxt names; defaults are those of Synopsys's fork.
public struct HardSigmoidParameters: LayerParameters {
  /// The slope of the straight part.
  public var alpha: Float = 0.2
  /// The value at 0.
  public var beta: Float = 0.5
  public init() {}
  public static let messageName = "HardSigmoidParameter"
  public static let fields: [Field<HardSigmoidParameters>] = [Field("alpha", 1, \.alpha), Field("beta", 2, \.beta)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("hard_sigmoid_param", 2124, schema)
}

/// y = alpha · x + beta, held between 0 and 1. Courbariaux et al., NIPS 2015.
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "gate" type: "HardSigmoid" bottom: "x" top: "y" }
/// ```
///
/// - Dialect: Synopsys's fork, and MobileNet-YOLO, which has no fields and these defaults; `hard_sigmoid_param` has no settled
///   number, 2124 is this project's.
public struct HardSigmoidLayer: Layer {
  public static let type = "HardSigmoid"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let alpha, beta: Float

  public init(_ parameters: HardSigmoidParameters, in context: LayerContext) {
    (alpha, beta) = (parameters.alpha, parameters.beta)
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count {
      let value = alpha * x[i] + beta
      y[i] = value <= 0 ? 0 : value > 1 ? 1 : value
    }
  }

  /// dx = alpha · dy where 0 < alpha · x + beta < 1, 0 elsewhere.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    for i in 0..<dx.count {
      let value = alpha * x[i] + beta
      dx[i] = value > 0 && value < 1 ? alpha * dy[i] : 0
    }
  }
}
