import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `parameter_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ParameterParameters: LayerParameters {
  /// The shape of the blob; a single number when absent.
  public var shape = BlobShape()
  public init() {}
  public static let messageName = "ParameterParameter"
  public static let fields: [Field<ParameterParameters>] = [Field("shape", 1, \.shape)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("parameter_param", 145, schema)
}

/// A learned blob of its own: y = w. It starts at 0.
///
/// ```prototxt
/// layer { name: "weights" type: "Parameter" top: "y" parameter_param { shape { dim: 3 dim: 4 } } }
/// ```
public struct ParameterLayer: Layer {
  public static let type = "Parameter"
  public static let bottoms = 0...0
  public static let tops = 1...1
  private let shape: BlobShape

  public init(_ parameters: ParameterParameters, in context: LayerContext) { shape = parameters.shape }

  /// The shape the file gives, for the top and the weight alike; a scalar when it gives none.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let shape = try Shape(validating: shape.dim)
    return LayerSignature(tops: [shape], weights: [WeightSpec(shape, FillerParameter())])
  }

  public func forward(_ io: ForwardIO) { io.tops[0].copy(from: io.weights[0]) }

  /// dw += dy
  public func backward(_ io: BackwardIO) {
    guard let dw = io.weightDiffs[0] else { return }
    for i in 0..<dw.count { dw[i] += io.topDiffs[0][i] }
  }
}
