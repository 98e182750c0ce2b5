import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `interp_param`, by their prototxt names; defaults are those of DeepLab.
public struct InterpParameters: LayerParameters {
  /// Rows of the top.
  public var height: Int?
  /// Columns of the top.
  public var width: Int?
  /// n makes (extent − 1) · n + 1 of an extent.
  public var zoomFactor: Int?
  /// n makes (extent − 1) / n + 1 of an extent, rounded down.
  public var shrinkFactor: Int?
  /// Minus the rows and columns that are cut off first at the top and at the left.
  public var padBeg = 0
  /// Minus the rows and columns that are cut off first at the bottom and at the right.
  public var padEnd = 0
  public init() {}
  public static let messageName = "InterpParameter"
  public static let fields: [Field<InterpParameters>] = [
    Field("height", 1, \.height), Field("width", 2, \.width), Field("zoom_factor", 3, \.zoomFactor),
    Field("shrink_factor", 4, \.shrinkFactor), Field("pad_beg", 5, \.padBeg), Field("pad_end", 6, \.padEnd),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("interp_param", 2143, schema)
}

/// Resizes each channel by bilinear interpolation so that corners stay corners: row i of H' rows lies at i · (H − 1) / (H' − 1)
/// of the H rows there were.
///
/// The size is that of the second bottom if there is one. Else `zoom_factor` or `shrink_factor` alone gives it, else `height` and
/// `width`, else both factors one after the other, shrinking first.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "up" type: "Interp" bottom: "x" top: "y" interp_param { zoom_factor: 2 } }
/// ```
///
/// - Dialect: in DeepLab's fork (as field 143), PSPNet's and those after them. Forks that take a second bottom read its size.
public struct InterpLayer: Layer {
  public static let type = "Interp"
  public static let bottoms = 1...2
  public static let tops = 1...1
  private let parameters: InterpParameters

  public init(_ parameters: InterpParameters, in context: LayerContext) throws(LayerError) {
    for (name, pad) in [("pad_beg", parameters.padBeg), ("pad_end", parameters.padEnd)] where pad > 0 {
      throw LayerError("\(name) can only cut off: it must be 0 or less", field: name)
    }
    for (name, value) in [
      ("height", parameters.height), ("width", parameters.width), ("zoom_factor", parameters.zoomFactor),
      ("shrink_factor", parameters.shrinkFactor),
    ] {
      if let value, value < 1 { throw LayerError("\(name) must be at least 1", field: name) }
    }
    let isSized = parameters.height != nil && parameters.width != nil
    guard context.bottomCount == 2 || isSized || parameters.zoomFactor != nil || parameters.shrinkFactor != nil else {
      throw LayerError("give zoom_factor, shrink_factor, height and width, or a second bottom of the size", field: "interp_param")
    }
    self.parameters = parameters
  }

  /// N×C×H×W → N×C×H'×W'; a second bottom gives H' and W' with its last two axes.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms.allSatisfy({ $0.rank == 4 }) else { throw ShapeError("needs bottoms with 4 axes (N, C, H, W)") }
    let size = try (extent(2, bottoms), extent(3, bottoms))
    let top = try Shape(validating: [bottoms[0][0], bottoms[0][1], size.0, size.1])
    return LayerSignature(tops: [top], independence: bottoms.count == 1 ? .items : nil)
  }

  private func extent(_ axis: Int, _ bottoms: [Shape]) throws(ShapeError) -> Int {
    let p = parameters
    let kept = bottoms[0][axis] + p.padBeg + p.padEnd
    guard kept > 0 else { throw ShapeError("the pads cut off all of the extent \(bottoms[0][axis]) of axis \(axis)") }
    if bottoms.count > 1 {
      guard bottoms[1][axis] > 0 else { throw ShapeError("the second bottom has no size, found \(bottoms[1])") }
      return bottoms[1][axis]
    }
    if p.zoomFactor == nil || p.shrinkFactor == nil, let factor = p.zoomFactor { return (kept - 1) * factor + 1 }
    if p.zoomFactor == nil || p.shrinkFactor == nil, let factor = p.shrinkFactor { return (kept - 1) / factor + 1 }
    if let height = p.height, let width = p.width { return axis == 2 ? height : width }
    return (kept - 1) / (p.shrinkFactor ?? 1) * (p.zoomFactor ?? 1) + 1
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    eachElement(x.shape, y.shape) { source, target, row, column, width in
      let first = source + row.low * width + column.low
      let (above, below) = (x.pointer + first, x.pointer + first + row.step * width)
      y[target] =
        row.near * (column.near * above[0] + column.far * above[column.step])
        + row.far * (column.near * below[0] + column.far * below[column.step])
    }
  }

  /// dx = Σ dy · share, each element giving to the four that it was made from; the second bottom, which only lends its size,
  /// gets 0.
  public func backward(_ io: BackwardIO) {
    if io.bottomDiffs.count > 1 { io.bottomDiffs[1]?.fill(0) }
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    dx.fill(0)
    eachElement(dx.shape, dy.shape) { source, target, row, column, width in
      let first = source + row.low * width + column.low
      let (above, below) = (dx.pointer + first, dx.pointer + first + row.step * width)
      above[0] += row.near * column.near * dy[target]
      above[column.step] += row.near * column.far * dy[target]
      below[0] += row.far * column.near * dy[target]
      below[column.step] += row.far * column.far * dy[target]
    }
  }

  /// Where a row or a column of the top lies in the bottom: between `low` and `low` + `step`, with a share of each.
  private struct Place {
    let low, step: Int
    let near, far: Float
  }

  private func places(_ bottom: Int, _ top: Int) -> [Place] {
    let extent = bottom + parameters.padBeg + parameters.padEnd
    let ratio = top > 1 ? Float(extent - 1) / Float(top - 1) : 0
    return (0..<top).map { index in
      let place = ratio * Float(index)
      let low = min(Int(place), extent - 1)
      let far = place - Float(low)
      return Place(low: low - parameters.padBeg, step: low < extent - 1 ? 1 : 0, near: 1 - far, far: far)
    }
  }

  /// Calls `body` with the start of each plane of the bottom, the place of each element of the top, and where it lies.
  private func eachElement(
    _ bottom: Shape, _ top: Shape, _ body: (_ source: Int, _ target: Int, _ row: Place, _ column: Place, _ width: Int) -> Void
  ) {
    let (rows, columns) = (places(bottom[2], top[2]), places(bottom[3], top[3]))
    for plane in 0..<top[0] * top[1] {
      for (i, row) in rows.enumerated() {
        let target = (plane * top[2] + i) * top[3]
        for (j, column) in columns.enumerated() { body(plane * bottom[2] * bottom[3], target + j, row, column, bottom[3]) }
      }
    }
  }
}
