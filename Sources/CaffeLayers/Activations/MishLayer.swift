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

  /// tanh(log(1 + e^x)) = n / (n + 2) with n = e^x · (e^x + 2); from x = 20 on it is 1 to the last bit.
  private func gate(_ x: Lanes) -> Lanes {
    let power = exponential(x.replacing(with: 20, where: x .> 20))
    let n = power * (power + 2)
    return n / (n + 2)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { $0 * gate($0) }
  }

  /// dx = dy · (t + x · (1 − t²) · σ(x)) with t = tanh(log(1 + e^x)).
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    dx.setEach(x, dy) { x, dy in
      let t = gate(x)
      return dy * (t + x * (1 - t * t) * logistic(x))
    }
  }
}
