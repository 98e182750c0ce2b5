import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `power_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct PowerParameters: LayerParameters {
  /// The exponent.
  public var power: Float = 1
  /// What x is multiplied with.
  public var scale: Float = 1
  /// What is added to scale · x.
  public var shift: Float = 0
  public init() {}
  public static let messageName = "PowerParameter"
  public static let fields: [Field<PowerParameters>] = [
    Field("power", 1, \.power), Field("scale", 2, \.scale), Field("shift", 3, \.shift),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("power_param", 122, v1: 21, schema)
}

/// y = (shift + scale · x)^power
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "square" type: "Power" bottom: "x" top: "y" power_param { power: 2 scale: 0.5 shift: 1 } }
/// ```
///
/// - Difference: where shift + scale · x is 0 the gradient is the derivative; Caffe 1.0 divides y by it, which is NaN.
/// - Difference: in place its gradient is right; Caffe 1.0 takes it from y instead of x there.
public struct PowerLayer: Layer {
  public static let type = "Power"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let exponent, scale, shift: Float
  private var isLinear: Bool { exponent == 1 || exponent * scale == 0 }

  public init(_ parameters: PowerParameters, in context: LayerContext) {
    (exponent, scale, shift) = (parameters.power, parameters.scale, parameters.shift)
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, backwardReads: isLinear ? [] : [.bottom(0)], allowsInPlace: true, independence: .elements)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    if exponent * scale == 0 {
      y.fill(power(shift, exponent))  // whatever x is, NaN included
    } else if exponent == 1 {
      for i in 0..<x.count { y[i] = scale * x[i] + shift }
    } else {
      y.setEach(x) { raised($0, to: exponent) }
    }
  }

  /// (shift + scale · x)^exponent
  @inline(__always)
  private func raised(_ x: Lanes, to exponent: Float) -> Lanes {
    let base = scale * x + shift
    return switch exponent {
    case 0.5: base.squareRoot()
    case -0.5: 1 / base.squareRoot()
    default: power(base, exponent)
    }
  }

  /// dx = dy · power · scale · (shift + scale · x)^(power − 1)
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy, slope) = (io.bottoms[0], io.topDiffs[0], exponent * scale)
    if isLinear {
      for i in 0..<dx.count { dx[i] = dy[i] * slope }
    } else {
      dx.setEach(x, dy) { x, dy in dy * slope * raised(x, to: exponent - 1) }
    }
  }
}
