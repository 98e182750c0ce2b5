import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `crop_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct CropParameters: LayerParameters {
  /// The first axis that is cut.
  public var axis = 2
  /// Where the kept part begins: 0 when absent, one number for all axes from `axis` on, or one each.
  public var offset: [Int] = []
  public init() {}
  public static let messageName = "CropParameter"
  public static let fields: [Field<CropParameters>] = [Field("axis", 1, \.axis), Field("offset", 2, \.offset, as: .uint32)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("crop_param", 144, schema)
}

/// Cuts the first blob, from `axis` on, to the size of the second: y[i…] = x[i + offset…].
///
/// ```prototxt
/// # x: 2x3x6x6
/// # size: 2x3x4x4
/// layer {
///   name: "crop" type: "Crop" bottom: "x" bottom: "size" top: "y"
///   crop_param { axis: 2 offset: 1 offset: 2 }
/// }
/// ```
public struct CropLayer: Layer {
  public static let type = "Crop"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let parameters: CropParameters

  public init(_ parameters: CropParameters, in context: LayerContext) { self.parameters = parameters }

  /// The second bottom has the first's axes at least; the top has the first's extents before `axis` and the second's from there
  /// on.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let start = try bottoms[0].canonical(axis: parameters.axis)
    guard bottoms[1].rank >= bottoms[0].rank else {
      throw ShapeError("the second bottom must have the first's \(bottoms[0].rank) axes, found \(bottoms[1])")
    }
    let offsets = parameters.offset
    guard offsets.count <= 1 || offsets.count == bottoms[0].rank - start else {
      throw ShapeError(
        "\(bottoms[0].rank - start) axes from axis \(start) on need no offset, one, or one each; \(offsets.count) given")
    }
    for axis in start..<bottoms[0].rank where offset(axis, start) + bottoms[1][axis] > bottoms[0][axis] {
      throw ShapeError(
        "\(bottoms[1][axis]) from \(offset(axis, start)) on do not fit the extent \(bottoms[0][axis]) of axis \(axis)")
    }
    let top = Shape(Array(bottoms[0].dims[..<start]) + Array(bottoms[1].dims[start..<bottoms[0].rank]))
    return LayerSignature(tops: [top], independence: start > 0 && bottoms[1][0] == bottoms[0][0] ? .items : nil)
  }

  private func offset(_ axis: Int, _ start: Int) -> Int {
    guard axis >= start, let first = parameters.offset.first else { return 0 }
    return parameters.offset.count == 1 ? first : parameters.offset[axis - start]
  }

  public func forward(_ io: ForwardIO) {
    eachRow(io.bottoms[0].shape, io.tops[0].shape) { bottom, top, count in
      (io.tops[0].pointer + top).update(from: io.bottoms[0].pointer + bottom, count: count)
    }
  }

  /// The gradient goes to the part that was kept; the second bottom, which only lends its shape, gets 0.
  public func backward(_ io: BackwardIO) {
    io.bottomDiffs[1]?.fill(0)
    guard let dx = io.bottomDiffs[0] else { return }
    dx.fill(0)
    eachRow(dx.shape, io.topDiffs[0].shape) { bottom, top, count in
      (dx.pointer + bottom).update(from: io.topDiffs[0].pointer + top, count: count)
    }
  }

  /// Calls `body` with where each row along the last axis begins in the bottom and in the top.
  private func eachRow(_ bottom: Shape, _ top: Shape, _ body: (_ bottom: Int, _ top: Int, _ count: Int) -> Void) {
    guard top.count > 0, let start = try? bottom.canonical(axis: parameters.axis) else { return }
    let last = top.rank - 1
    for row in 0..<top.count(0..<last) {
      var (rest, place, step) = (row, offset(last, start), bottom[last])
      for axis in (0..<last).reversed() {
        place += (rest % top[axis] + offset(axis, start)) * step
        rest /= top[axis]
        step *= bottom[axis]
      }
      body(place, row * top[last], top[last])
    }
  }
}
