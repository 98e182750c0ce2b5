import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `elu_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ELUParameters: LayerParameters {
  /// −alpha is what y comes close to as x falls.
  public var alpha: Float = 1
  public init() {}
  public static let messageName = "ELUParameter"
  public static let fields: [Field<ELUParameters>] = [Field("alpha", 1, \.alpha)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("elu_param", 140, schema)
}

/// y = x where x > 0, alpha · (e^x − 1) elsewhere. Clevert et al., ICLR 2016.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "elu" type: "ELU" bottom: "x" top: "y" elu_param { alpha: 0.5 } }
/// ```
public struct ELULayer: Layer {
  public static let type = "ELU"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let alpha: Float

  public init(_ parameters: ELUParameters, in context: LayerContext) { alpha = parameters.alpha }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    // With an alpha of at least 0 the sign of y is the sign of x, so backward can do without x.
    LayerSignature(
      tops: bottoms, backwardReads: alpha >= 0 ? [.top(0)] : [.top(0), .bottom(0)], allowsInPlace: true,
      independence: .elements, primitive: alpha >= 0 ? .elementary(.elu(alpha)) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { x in (alpha * (exponential(x) - 1)).replacing(with: x, where: x .> 0) }
  }

  /// dx = dy where x > 0, dy · (y + alpha) elsewhere.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let sign = alpha >= 0 ? io.tops[0] : io.bottoms[0]
    let (y, dy) = (io.tops[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = sign[i] > 0 ? dy[i] : dy[i] * (y[i] + alpha) }
  }
}
