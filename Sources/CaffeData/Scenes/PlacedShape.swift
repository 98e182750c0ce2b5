#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A shape with its size, turn and place in a picture.
struct PlacedShape {
  let shape: ShapeClass
  /// Where the shape's centre lies, in pixels.
  var center: SIMD2<Float>
  /// The columns of the map from the unit circle to pixels.
  private let xAxis: SIMD2<Float>
  private let yAxis: SIMD2<Float>
  private let corners: [SIMD2<Float>]

  /// - Parameters:
  ///   - radii: half of the width and of the height before the turn, in pixels.
  ///   - angle: in radians.
  init(_ shape: ShapeClass, radii: SIMD2<Float>, angle: Float, center: SIMD2<Float> = .zero) {
    self.shape = shape
    self.center = center
    xAxis = SIMD2(cos(angle), sin(angle)) * radii.x
    yAxis = SIMD2(-sin(angle), cos(angle)) * radii.y
    corners = shape.corners
  }

  /// The smallest upright rectangle around the shape, exactly.
  var box: SceneBox {
    if corners.isEmpty {
      let reach = (xAxis * xAxis + yAxis * yAxis).squareRoot()
      return SceneBox(minimum: center - reach, maximum: center + reach)
    }
    let points = corners.map { center + xAxis * $0.x + yAxis * $0.y }
    return SceneBox(
      minimum: points.reduce(points[0]) { pointwiseMin($0, $1) }, maximum: points.reduce(points[0]) { pointwiseMax($0, $1) })
  }

  /// Whether a point in pixels lies in the shape.
  func contains(_ point: SIMD2<Float>) -> Bool {
    let offset = point - center
    let determinant = xAxis.x * yAxis.y - xAxis.y * yAxis.x
    let x = (offset.x * yAxis.y - offset.y * yAxis.x) / determinant
    let y = (offset.y * xAxis.x - offset.x * xAxis.y) / determinant
    guard !corners.isEmpty else { return x * x + y * y <= 1 }
    var isInside = false
    var before = corners[corners.count - 1]
    for corner in corners {
      // Each edge that a ray to the right crosses changes sides.
      if (corner.y > y) != (before.y > y), x < (before.x - corner.x) * (y - corner.y) / (before.y - corner.y) + corner.x {
        isInside.toggle()
      }
      before = corner
    }
    return isInside
  }
}
