/// A rectangle by its corners: shares of the picture in SSD, pixels in R-CNN.
package struct Box: Equatable, Sendable {
  /// What the distance of two corners means.
  package enum Extent: Sendable {
    /// Corners are points: a width is xmax − xmin.
    case points
    /// Corners are pixels, both inside the box: a width is xmax − xmin + 1.
    case pixels

    fileprivate var surplus: Float { self == .pixels ? 1 : 0 }
  }

  /// xmin, ymin, xmax, ymax.
  var corners: SIMD4<Float>

  init(_ corners: SIMD4<Float>) { self.corners = corners }
  package init(_ xmin: Float, _ ymin: Float, _ xmax: Float, _ ymax: Float) { corners = SIMD4(xmin, ymin, xmax, ymax) }

  /// The box whose four numbers begin there.
  init(at pointer: UnsafePointer<Float>) { self.init(pointer[0], pointer[1], pointer[2], pointer[3]) }

  var xmin: Float { corners[0] }
  var ymin: Float { corners[1] }
  var xmax: Float { corners[2] }
  var ymax: Float { corners[3] }
  var width: Float { xmax - xmin }
  var height: Float { ymax - ymin }
  var centerX: Float { (xmin + xmax) / 2 }
  var centerY: Float { (ymin + ymax) / 2 }

  /// The area; 0 for a box that is inside out.
  func area(_ extent: Extent = .points) -> Float {
    xmax < xmin || ymax < ymin ? 0 : (width + extent.surplus) * (height + extent.surplus)
  }

  /// The Jaccard overlap: the area of the intersection by that of the union; 0 where there is no intersection.
  package func overlap(_ other: Box, _ extent: Extent = .points) -> Float {
    let across = min(xmax, other.xmax) - max(xmin, other.xmin) + extent.surplus
    let down = min(ymax, other.ymax) - max(ymin, other.ymin) + extent.surplus
    guard across > 0, down > 0 else { return 0 }
    return across * down / (area(extent) + other.area(extent) - across * down)
  }

  /// The part within 0…`width` and 0…`height`.
  func clipped(width: Float = 1, height: Float = 1) -> Box {
    let bounds = SIMD4(width, height, width, height)
    let bounded = corners.replacing(with: bounds, where: corners .> bounds)
    return Box(bounded.replacing(with: 0, where: bounded .< 0))
  }

  /// Which coordinates lie outside of the unit square.
  var outside: SIMDMask<SIMD4<Int32>> { (corners .< 0) .| (corners .> 1) }
}
