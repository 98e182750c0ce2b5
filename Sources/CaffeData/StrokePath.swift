/// A smooth curve through given points (a Catmull–Rom spline), as a chain of short lines.
struct StrokePath {
  /// Lines between two given points.
  private static let pieces = 6

  let points: [SIMD2<Float>]

  init(through knots: [SIMD2<Float>]) {
    guard let first = knots.first, let last = knots.last else {
      points = []
      return
    }
    var points = [first]
    for index in 1..<max(knots.count, 1) {
      let before = index >= 2 ? knots[index - 2] : knots[index - 1]
      let after = index + 1 < knots.count ? knots[index + 1] : last
      for piece in 1...StrokePath.pieces {
        let t = Float(piece) / Float(StrokePath.pieces)
        points.append(StrokePath.blend(before, knots[index - 1], knots[index], after, t))
      }
    }
    self.points = points
  }

  /// The point at `t` between `b` (0) and `c` (1).
  private static func blend(
    _ a: SIMD2<Float>, _ b: SIMD2<Float>, _ c: SIMD2<Float>, _ d: SIMD2<Float>, _ t: Float
  ) -> SIMD2<Float> {
    let linear = (c - a) * t
    let square = (2 * a - 5 * b + 4 * c - d) * (t * t)
    let cubic = (3 * b - 3 * c + d - a) * (t * t * t)
    return 0.5 * (2 * b + linear + square + cubic)
  }
}
