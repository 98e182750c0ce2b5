import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `sigmoid_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct SigmoidParameters: LayerParameters {
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "SigmoidParameter"
  public static let fields: [Field<SigmoidParameters>] = [Field("engine", 1, \.engine)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("sigmoid_param", 124, v1: 38, schema)
}

/// y = 1 / (1 + e^−x), computed as ½ tanh(x/2) + ½ as Caffe does, which cannot overflow.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "sigmoid" type: "Sigmoid" bottom: "x" top: "y" }
/// ```
public struct SigmoidLayer: Layer {
  public static let type = "Sigmoid"
  public static let bottoms = 1...1
  public static let tops = 1...1

  public init(_ parameters: SigmoidParameters, in context: LayerContext) {}

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.top(0)], allowsInPlace: true, independence: .elements, primitive: .elementary(.logistic))
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { logistic($0) }
  }

  /// dx = dy · y · (1 − y)
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (y, dy) = (io.tops[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = dy[i] * y[i] * (1 - y[i]) }
  }
}
