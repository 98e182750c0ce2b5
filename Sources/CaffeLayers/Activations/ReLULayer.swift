import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `relu_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ReLUParameters: LayerParameters {
  /// The slope where x is negative; above 0 the layer is called leaky.
  public var negativeSlope: Float = 0
  public var engine = Engine.DEFAULT
  /// Intel's fork may work the layer into the convolution before it; read and kept, but the planner chooses here.
  public var fuse = false
  public init() {}
  public static let messageName = "ReLUParameter"
  public static let fields: [Field<ReLUParameters>] = [
    Field("negative_slope", 1, \.negativeSlope), Field("engine", 2, \.engine), Field("fuse", 3, \.fuse),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("relu_param", 123, v1: 30, schema)
}

/// y = max(0, x) + slope · min(0, x). Nair and Hinton, ICML 2010; leaky form: Maas et al., ICML 2013.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "relu" type: "ReLU" bottom: "x" top: "y" relu_param { negative_slope: 0.1 } }
/// ```
public struct ReLULayer: Layer {
  public static let type = "ReLU"
  public static let bottoms = 1...1
  public static let tops = 1...1
  let slope: Float

  public init(_ parameters: ReLUParameters, in context: LayerContext) { slope = parameters.negativeSlope }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    // With a slope of at least 0 the sign of y is the sign of x, so backward can do without x.
    let read: BackwardRead = slope >= 0 ? .top(0) : .bottom(0)
    return LayerSignature(
      tops: bottoms, backwardReads: [read], allowsInPlace: true, independence: .elements,
      primitive: slope >= 0 ? .relu(slope: slope) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = x[i] > 0 ? x[i] : slope * x[i] }
  }

  /// dx = dy where x > 0, slope · dy elsewhere.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let sign = slope >= 0 ? io.tops[0] : io.bottoms[0]
    let dy = io.topDiffs[0]
    for i in 0..<dx.count { dx[i] = sign[i] > 0 ? dy[i] : slope * dy[i] }
  }
}
