import CaffeGraph

/// A parabola that goes on as a straight line: ½ (σx)² where |x| < 1/σ², |x| − ½/σ² beyond. Girshick, ICCV 2015.
struct SmoothL1Curve {
  /// σ²
  let square: Float

  init(sigma: Float = 1) { square = sigma * sigma }

  func value(_ x: Float) -> Float { abs(x) < 1 / square ? 0.5 * square * x * x : abs(x) - 0.5 / square }

  /// The derivative.
  func slope(_ x: Float) -> Float { abs(x) < 1 / square ? square * x : sign(x) }
}
