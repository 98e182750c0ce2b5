import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `flatten_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct FlattenParameters: LayerParameters {
  /// The first of the axes that become one.
  public var axis = 1
  /// The last of them; −1 is the last of all.
  public var endAxis = -1
  public init() {}
  public static let messageName = "FlattenParameter"
  public static let fields: [Field<FlattenParameters>] = [Field("axis", 1, \.axis), Field("end_axis", 2, \.endAxis)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("flatten_param", 135, schema)
}

/// Makes one axis of the axes from `axis` to `end_axis`; the elements stay where they are.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "flat" type: "Flatten" bottom: "x" top: "y" }
/// ```
///
/// - Difference: it works in place; Caffe 1.0 refuses to.
public struct FlattenLayer: Layer {
  public static let type = "Flatten"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: FlattenParameters

  public init(_ parameters: FlattenParameters, in context: LayerContext) { self.parameters = parameters }

  /// …×A×…×B×… → …×(A·…·B)×…
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let start = try bottoms[0].canonical(axis: parameters.axis)
    let end = try bottoms[0].canonical(axis: parameters.endAxis)
    guard end >= start else {
      throw ShapeError("end_axis \(parameters.endAxis) lies before axis \(parameters.axis) in \(bottoms[0])")
    }
    let dims = bottoms[0].dims
    let top = Shape(Array(dims[..<start]) + [bottoms[0].count(start..<end + 1)] + Array(dims[(end + 1)...]))
    return LayerSignature(tops: [top], allowsInPlace: true, primitive: .view)
  }

  public func forward(_ io: ForwardIO) { io.tops[0].copy(from: io.bottoms[0]) }

  /// dx = dy, in the bottom's shape.
  public func backward(_ io: BackwardIO) { io.bottomDiffs[0]?.copy(from: io.topDiffs[0]) }
}
