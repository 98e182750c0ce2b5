import CaffeCore
import CaffeGraph

/// The binomial normal log likelihood y = log(1 + e^x), computed so that e^x cannot overflow.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "bnll" type: "BNLL" bottom: "x" top: "y" }
/// ```
///
/// - Difference: in place its gradient is right; Caffe 1.0 takes it from y instead of x there.
public struct BNLLLayer: Layer {
  public static let type = "BNLL"
  public static let bottoms = 1...1
  public static let tops = 1...1

  /// Beyond this the derivative is 1 to the last bit; Caffe stops e^x here as well.
  private static let largest: Float = 50

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements,
      primitive: .elementary(.softplus))
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { softplus($0) }
  }

  /// dx = dy · e^x / (1 + e^x), with x at most 50.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    dx.setEach(x, dy) { x, dy in
      let power = exponential(x.replacing(with: BNLLLayer.largest, where: x .> BNLLLayer.largest))
      return dy * power / (power + 1)
    }
  }
}
