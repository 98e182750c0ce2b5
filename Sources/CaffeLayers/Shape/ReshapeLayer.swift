import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `reshape_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ReshapeParameters: LayerParameters {
  /// The new extents: 0 copies the bottom's, and one −1 takes what is left.
  public var shape = BlobShape()
  /// The first axis that is replaced; −1 is the place behind the last.
  public var axis = 0
  /// How many axes are replaced; −1 for all from `axis` on.
  public var numAxes = -1
  public init() {}
  public static let messageName = "ReshapeParameter"
  public static let fields: [Field<ReshapeParameters>] = [
    Field("shape", 1, \.shape), Field("axis", 2, \.axis), Field("num_axes", 3, \.numAxes),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("reshape_param", 133, schema)
}

/// Gives a blob other axes; the elements stay where they are. 0 copies an extent, −1 takes what is left.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer {
///   name: "rows" type: "Reshape" bottom: "x" top: "y"
///   reshape_param { shape { dim: 0 dim: -1 dim: 5 } }
/// }
/// ```
///
/// - Difference: it works in place; Caffe 1.0 refuses to.
public struct ReshapeLayer: Layer {
  public static let type = "Reshape"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: ReshapeParameters

  public init(_ parameters: ReshapeParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.shape.dim.allSatisfy({ $0 >= -1 }) else {
      throw LayerError("a dim is -1 (what is left), 0 (as it was) or more", field: "shape")
    }
    guard parameters.shape.dim.count(where: { $0 == -1 }) <= 1 else { throw LayerError("only one dim can be -1", field: "shape") }
    guard parameters.numAxes >= -1 else { throw LayerError("num_axes must be -1 or more", field: "num_axes") }
    self.parameters = parameters
  }

  /// The axes `axis` ..< `axis` + `num_axes` become those of `shape`; the count of elements stays.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let bottom = bottoms[0]
    // −1 is the place behind the last axis here, as in Caffe: new axes can be appended.
    let start = parameters.axis >= 0 ? parameters.axis : bottom.rank + parameters.axis + 1
    guard (0...bottom.rank).contains(start) else { throw ShapeError("axis \(parameters.axis) is out of range for \(bottom)") }
    let end = parameters.numAxes == -1 ? bottom.rank : start + parameters.numAxes
    guard end <= bottom.rank else {
      throw ShapeError("axis \(start) + num_axes \(parameters.numAxes) passes the \(bottom.rank) axes of \(bottom)")
    }
    var dims: [Int] = []
    for (place, dim) in parameters.shape.dim.enumerated() {
      guard dim != 0 || start + place < bottom.rank else {
        throw ShapeError("dim 0 copies axis \(start + place), which \(bottom) does not have")
      }
      dims.append(dim == 0 ? bottom[start + place] : dim)
    }
    var all = Array(bottom.dims[..<start]) + dims + Array(bottom.dims[end...])
    if let open = all.firstIndex(of: -1) {
      let known = try Shape(validating: all.enumerated().filter { $0.offset != open }.map(\.element)).count
      guard known > 0, bottom.count % known == 0 else {
        throw ShapeError("\(bottom.count) elements do not divide by the other dims' \(known)")
      }
      all[open] = bottom.count / known
    }
    let top = try Shape(validating: all)
    guard top.count == bottom.count else { throw ShapeError("\(bottom) has \(bottom.count) elements, \(top) has \(top.count)") }
    return LayerSignature(tops: [top], allowsInPlace: true, primitive: .view)
  }

  public func forward(_ io: ForwardIO) { io.tops[0].copy(from: io.bottoms[0]) }

  /// dx = dy, in the bottom's shape.
  public func backward(_ io: BackwardIO) { io.bottomDiffs[0]?.copy(from: io.topDiffs[0]) }
}
