/// A rectangle in pixels, x to the right and y down; a pixel covers the unit square from its number on.
public struct SceneBox: Sendable, Equatable {
  public var minimum: SIMD2<Float>
  public var maximum: SIMD2<Float>

  public init(minimum: SIMD2<Float>, maximum: SIMD2<Float>) {
    self.minimum = minimum
    self.maximum = maximum
  }

  /// In pixels.
  public var area: Float {
    let sides = maximum - minimum
    return max(sides.x, 0) * max(sides.y, 0)
  }

  /// The area that both cover.
  public func shared(with other: SceneBox) -> Float {
    SceneBox(
      minimum: pointwiseMax(minimum, other.minimum), maximum: pointwiseMin(maximum, other.maximum)
    ).area
  }
}
