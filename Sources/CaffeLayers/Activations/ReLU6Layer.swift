import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `relu6_param`, by their prototxt names; defaults are those of MobileNet-YOLO.
public struct ReLU6Parameters: LayerParameters {
  /// The slope below 0.
  public var negativeSlope: Float = 0
  public init() {}
  public static let messageName = "ReLU6Parameter"
  public static let fields: [Field<ReLU6Parameters>] = [Field("negative_slope", 1, \.negativeSlope)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("relu6_param", 1123, schema)
}

/// y = min(max(0, x) + slope · min(0, x), 6). Howard et al., MobileNets, 2017.
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "relu6" type: "ReLU6" bottom: "x" top: "y" }
/// ```
///
/// - Dialect: the ports of MobileNet v2 and of YOLO; `relu6_param` has no settled number, 1123 is this project's.
public struct ReLU6Layer: Layer {
  public static let type = "ReLU6"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let slope: Float
  private static let largest: Float = 6

  public init(_ parameters: ReLU6Parameters, in context: LayerContext) throws(LayerError) {
    guard parameters.negativeSlope.isFinite else { throw LayerError("negative_slope must be a number", field: "negative_slope") }
    slope = parameters.negativeSlope
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    // With a slope of at least 0 the sign of y is the sign of x, so backward can do without x.
    LayerSignature(
      tops: bottoms, backwardReads: [slope >= 0 ? .top(0) : .bottom(0)], allowsInPlace: true, independence: .elements)
  }

  private func bend(_ x: Float) -> Float { x > 0 ? x : slope * x }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = bend(x[i]) > ReLU6Layer.largest ? ReLU6Layer.largest : bend(x[i]) }
  }

  /// dx = dy where 0 < x < 6, slope · dy where x ≤ 0, and 0 from y = 6 on.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    for i in 0..<dx.count {
      let (isPositive, isBelow) =
        slope >= 0
        ? (io.tops[0][i] > 0, io.tops[0][i] < ReLU6Layer.largest)
        : (io.bottoms[0][i] > 0, bend(io.bottoms[0][i]) < ReLU6Layer.largest)
      dx[i] = isBelow ? (isPositive ? dy[i] : slope * dy[i]) : 0
    }
  }
}
