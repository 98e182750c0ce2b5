import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `input_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct InputParameters: LayerParameters {
  /// The tops' shapes: one for all or one each; when absent the caller says them.
  public var shape: [BlobShape] = []
  public init() {}
  public static let messageName = "InputParameter"
  public static let fields: [Field<InputParameters>] = [Field("shape", 1, \.shape)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("input_param", 143, schema)
}

/// Blobs that the caller of the net fills.
///
/// ```prototxt
/// layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 1 dim: 3 dim: 227 dim: 227 } } }
/// ```
public struct InputLayer: Layer {
  public static let type = "Input"
  public static let bottoms = 0...0
  public static let tops = 1...Int.max
  public static let role = LayerRole.input
  private let parameters: InputParameters
  private let topCount: Int

  public init(_ parameters: InputParameters, in context: LayerContext) throws(LayerError) {
    self.parameters = parameters
    topCount = context.topCount
    guard [0, 1, topCount].contains(parameters.shape.count) else {
      throw LayerError("\(topCount) top(s) need one shape, or one each; \(parameters.shape.count) given", field: "shape")
    }
  }

  /// One shape for all tops, or one each; without any the caller has to say.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let given = parameters.shape
    let all = given.count == 1 ? [BlobShape](repeating: given[0], count: topCount) : given
    var tops: [Shape] = []
    for shape in all { tops.append(try Shape(validating: shape.dim)) }
    return LayerSignature(tops: tops)
  }

  public func forward(_ io: ForwardIO) {}
}
