import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `exp_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ExpParameters: LayerParameters {
  /// The base, above 0; −1 stands for e.
  public var base: Float = -1
  /// What x is multiplied with.
  public var scale: Float = 1
  /// What is added to scale · x.
  public var shift: Float = 0
  public init() {}
  public static let messageName = "ExpParameter"
  public static let fields: [Field<ExpParameters>] = [
    Field("base", 1, \.base), Field("scale", 2, \.scale), Field("shift", 3, \.shift),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("exp_param", 111, v1: 41, schema)
}

/// y = base^(shift + scale · x)
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "exp" type: "Exp" bottom: "x" top: "y" exp_param { base: 2 scale: 0.5 } }
/// ```
public struct ExpLayer: Layer {
  public static let type = "Exp"
  public static let bottoms = 1...1
  public static let tops = 1...1
  /// y = factor · e^(rate · x)
  private let factor, rate: Float

  public init(_ parameters: ExpParameters, in context: LayerContext) throws(LayerError) {
    rate = try logarithm(ofBase: parameters.base) * parameters.scale
    factor = parameters.base == -1 ? exponential(parameters.shift) : power(parameters.base, parameters.shift)
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, backwardReads: [.top(0)], allowsInPlace: true, independence: .elements)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { factor * exponential(rate * $0) }
  }

  /// dx = dy · y · scale · log(base)
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (y, dy) = (io.tops[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = dy[i] * y[i] * rate }
  }
}

/// The natural logarithm of a `base` field, where −1 stands for e.
///
/// - Throws: `LayerError` for a base that has none.
func logarithm(ofBase base: Float) throws(LayerError) -> Float {
  if base == -1 { return 1 }
  guard base > 0, base.isFinite else { throw LayerError("base \(base) must be above 0, or -1 for e", field: "base") }
  return logarithm(base)
}
