import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `slice_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct SliceParameters: LayerParameters {
  /// The axis along which the blob is cut; 1 when absent, and −1 is the last.
  public var axis: Int?
  /// Where the second and each later top begins; even parts when absent.
  public var slicePoint: [Int] = []
  /// The name of `axis` before blobs had any number of axes.
  public var sliceDim: Int?
  public init() {}
  public static let messageName = "SliceParameter"
  public static let fields: [Field<SliceParameters>] = [
    Field("axis", 3, \.axis), Field("slice_point", 2, \.slicePoint, as: .uint32), Field("slice_dim", 1, \.sliceDim, as: .uint32),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("slice_param", 126, v1: 31, schema)
}

/// Cuts a blob along one axis, at the given points or evenly; the tops are the parts in order.
///
/// ```prototxt
/// # x: 2x6x4
/// layer {
///   name: "cut" type: "Slice" bottom: "x" top: "a" top: "b" top: "c"
///   slice_param { axis: 1 slice_point: 1 slice_point: 3 }
/// }
/// ```
public struct SliceLayer: Layer {
  public static let type = "Slice"
  public static let bottoms = 1...1
  public static let tops = 1...Int.max
  private let axis: Int
  private let points: [Int]
  private let topCount: Int

  public init(_ parameters: SliceParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.axis == nil || parameters.sliceDim == nil else {
      throw LayerError("give axis or slice_dim, not both", field: "axis")
    }
    points = parameters.slicePoint
    topCount = context.topCount
    guard points.isEmpty || points.count == topCount - 1 else {
      throw LayerError("\(topCount) tops need \(topCount - 1) slice_point, \(points.count) given", field: "slice_point")
    }
    guard zip(points, points.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw LayerError("slice_point must increase", field: "slice_point")
    }
    axis = parameters.axis ?? parameters.sliceDim ?? 1
  }

  /// The tops' extents along the axis add up to the bottom's.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: axis)
    return LayerSignature(
      tops: try extents(bottoms[0][axis]).map { bottoms[0].replacing(axis: axis, with: $0) },
      independence: axis > 0 ? .items : nil)
  }

  private func extents(_ whole: Int) throws(ShapeError) -> [Int] {
    guard !points.isEmpty else {
      guard whole % topCount == 0 else {
        throw ShapeError("an extent of \(whole) does not divide into \(topCount) even slices; give slice_point")
      }
      return [Int](repeating: whole / topCount, count: topCount)
    }
    guard let first = points.first, first > 0, let last = points.last, last < whole else {
      throw ShapeError("slice_point must lie between 0 and the extent \(whole)")
    }
    return zip([0] + points, points + [whole]).map { $1 - $0 }
  }

  public func forward(_ io: ForwardIO) {
    eachBlock(io.tops.map(\.shape)) { index, top, bottom, count in
      (io.tops[index].pointer + top).update(from: io.bottoms[0].pointer + bottom, count: count)
    }
  }

  /// The bottom's gradient is the tops' gradients side by side.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    eachBlock(io.tops.map(\.shape)) { index, top, bottom, count in
      (dx.pointer + bottom).update(from: io.topDiffs[index].pointer + top, count: count)
    }
  }

  private func eachBlock(_ tops: [Shape], _ body: (_ index: Int, _ top: Int, _ bottom: Int, _ count: Int) -> Void) {
    guard let axis = try? tops[0].canonical(axis: axis) else { return }
    var bottom = 0
    for outer in 0..<tops[0].count(0..<axis) {
      for (index, shape) in tops.enumerated() {
        let count = shape.count(from: axis)
        body(index, outer * count, bottom, count)
        bottom += count
      }
    }
  }
}
