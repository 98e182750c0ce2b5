import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `permute_param`, by their prototxt names; defaults are those of SSD.
public struct PermuteParameters: LayerParameters {
  /// For each axis of the top, the bottom's axis it is; those not named follow in ascending order.
  public var order: [Int] = []
  public init() {}
  public static let messageName = "PermuteParameter"
  public static let fields: [Field<PermuteParameters>] = [Field("order", 1, \.order, as: .uint32)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("permute_param", 202, schema)
}

/// The same numbers with the axes in another order: y[i₀, i₁, …] = x at the place where axis order[k] is at iₖ.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer {
///   name: "permute" type: "Permute" bottom: "x" top: "y"
///   permute_param { order: 0 order: 2 order: 3 order: 1 }
/// }
/// ```
///
/// - Dialect: SSD and the forks that took it over agree.
public struct PermuteLayer: Layer {
  public static let type = "Permute"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let order: [Int]

  public init(_ parameters: PermuteParameters, in context: LayerContext) throws(LayerError) {
    order = parameters.order
    guard Set(order).count == order.count else { throw LayerError("order names an axis twice", field: "order") }
  }

  /// Axes in any number, at least one; the top's axis k is the bottom's axis order[k].
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let rank = bottoms[0].rank
    if let axis = order.first(where: { $0 >= rank }) {
      throw ShapeError("order names axis \(axis) of a bottom with \(rank) axes")
    }
    let axes = axes(rank)
    let isView = axes == Array(0..<rank)
    return LayerSignature(
      tops: [Shape(axes.map { bottoms[0][$0] })], independence: rank > 0 && axes[0] == 0 ? .items : nil,
      primitive: isView ? .view : nil)
  }

  /// The bottom's axis for each of the top's.
  private func axes(_ rank: Int) -> [Int] { order + (0..<rank).filter { !order.contains($0) } }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    eachRow(x.shape, y.shape) { bottom, step, row in
      for i in row { y[i] = x[bottom + (i - row.lowerBound) * step] }
    }
  }

  /// Each gradient goes back to where its number came from.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    eachRow(dx.shape, dy.shape) { bottom, step, row in
      for i in row { dx[bottom + (i - row.lowerBound) * step] = dy[i] }
    }
  }

  /// Calls `body` with each row along the top's last axis, where its first element lies in the bottom, and how far apart
  /// its elements lie there.
  private func eachRow(_ bottom: Shape, _ top: Shape, _ body: (_ bottom: Int, _ step: Int, _ row: Range<Int>) -> Void) {
    guard top.count > 0 else { return }
    let steps = axes(bottom.rank).map { bottom.count(from: $0 + 1) }
    let length = top.dims.last ?? 1
    for row in 0..<top.count / length {
      var (rest, place) = (row, 0)
      for axis in (0..<max(0, top.rank - 1)).reversed() {
        place += rest % top[axis] * steps[axis]
        rest /= top[axis]
      }
      body(place, steps.last ?? 1, row * length..<(row + 1) * length)
    }
  }
}
