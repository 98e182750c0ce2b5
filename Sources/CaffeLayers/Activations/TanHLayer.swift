import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `tanh_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct TanHParameters: LayerParameters {
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "TanHParameter"
  public static let fields: [Field<TanHParameters>] = [Field("engine", 1, \.engine)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("tanh_param", 127, v1: 37, schema)
}

/// y = tanh(x).
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "tanh" type: "TanH" bottom: "x" top: "y" }
/// ```
public struct TanHLayer: Layer {
  public static let type = "TanH"
  public static let bottoms = 1...1
  public static let tops = 1...1

  public init(_ parameters: TanHParameters, in context: LayerContext) {}

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.top(0)], allowsInPlace: true, independence: .elements, primitive: .elementary(.tanh))
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { hyperbolicTangent($0) }
  }

  /// dx = dy · (1 − y²)
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (y, dy) = (io.tops[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = dy[i] * (1 - y[i] * y[i]) }
  }
}
