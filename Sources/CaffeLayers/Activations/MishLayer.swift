import CaffeCore
import CaffeGraph

/// y = x · tanh(log(1 + e^x)). Misra, BMVC 2020.
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "mish" type: "Mish" bottom: "x" top: "y" }
/// ```
///
/// - Difference: the gradient is that of x; Synopsys's fork computes it from y.
/// - Dialect: Synopsys's fork and the ports of YOLO v4.
public struct MishLayer: Layer {
  public static let type = "Mish"
  public static let bottoms = 1...1
  public static let tops = 1...1

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements)
  }

  /// tanh(log(1 + e^x)), computed so that e^x cannot overflow.
  private func gate(_ x: Float) -> Float {
    let softplus = x > 0 ? x + logarithm(1 + exponential(-x)) : logarithm(1 + exponential(x))
    return hyperbolicTangent(softplus)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = x[i] * gate(x[i]) }
  }

  /// dx = dy · (t + x · (1 − t²) · σ(x)) with t = tanh(log(1 + e^x)).
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    for i in 0..<dx.count {
      let t = gate(x[i])
      dx[i] = dy[i] * (t + x[i] * (1 - t * t) * logistic(x[i]))
    }
  }
}
