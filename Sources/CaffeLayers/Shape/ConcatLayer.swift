import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `concat_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ConcatParameters: LayerParameters {
  /// The axis along which blobs are joined; 1 when absent, and −1 is the last.
  public var axis: Int?
  /// The name of `axis` before blobs had any number of axes.
  public var concatDim: Int?
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "ConcatParameter"
  public static let fields: [Field<ConcatParameters>] = [
    Field("axis", 2, \.axis), Field("concat_dim", 1, \.concatDim, as: .uint32),
    Field("engine", 3, \.engine),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("concat_param", 104, v1: 9, schema)
}

/// Joins blobs along one axis, in the order of the bottoms.
///
/// ```prototxt
/// # a: 2x3x4
/// # b: 2x1x4
/// layer { name: "join" type: "Concat" bottom: "a" bottom: "b" top: "y" concat_param { axis: 1 } }
/// ```
public struct ConcatLayer: Layer {
  public static let type = "Concat"
  public static let bottoms = 1...Int.max
  public static let tops = 1...1
  private let axis: Int

  public init(_ parameters: ConcatParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.axis == nil || parameters.concatDim == nil else {
      throw LayerError("give axis or concat_dim, not both", field: "axis")
    }
    axis = parameters.axis ?? parameters.concatDim ?? 1
  }

  /// Bottoms equal in all other axes; the top's extent along the axis is their sum.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: axis)
    for other in bottoms {
      guard other.rank == bottoms[0].rank, other.replacing(axis: axis, with: 0) == bottoms[0].replacing(axis: axis, with: 0)
      else {
        throw ShapeError("\(bottoms[0]) and \(other) differ in more than axis \(axis)")
      }
    }
    let top = try Shape(validating: bottoms[0].replacing(axis: axis, with: bottoms.reduce(0) { $0 + $1[axis] }).dims)
    return LayerSignature(tops: [top], independence: axis > 0 ? .items : nil, primitive: .concat(axis: axis))
  }

  public func forward(_ io: ForwardIO) {
    eachBlock(io.bottoms.map(\.shape)) { index, bottom, top, count in
      (io.tops[0].pointer + top).update(from: io.bottoms[index].pointer + bottom, count: count)
    }
  }

  /// Each bottom's gradient is its slice of the top's.
  public func backward(_ io: BackwardIO) {
    eachBlock(io.bottoms.map(\.shape)) { index, bottom, top, count in
      if let dx = io.bottomDiffs[index] { (dx.pointer + bottom).update(from: io.topDiffs[0].pointer + top, count: count) }
    }
  }

  private func eachBlock(_ bottoms: [Shape], _ body: (_ index: Int, _ bottom: Int, _ top: Int, _ count: Int) -> Void) {
    guard let axis = try? bottoms[0].canonical(axis: axis) else { return }
    var top = 0
    for outer in 0..<bottoms[0].count(0..<axis) {
      for (index, shape) in bottoms.enumerated() {
        let count = shape.count(from: axis)
        body(index, outer * count, top, count)
        top += count
      }
    }
  }
}
