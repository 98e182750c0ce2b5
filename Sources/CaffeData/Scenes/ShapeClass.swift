/// The kinds of shapes that drawn scenes are made of.
public enum ShapeClass: Int, CaseIterable, Sendable {
  case circle, square, triangle, cross, star

  /// The class's number for a detector, where 0 is the background.
  public var label: Int { rawValue + 1 }

  /// The corners of the shape within the unit circle, in order; none for the circle itself.
  var corners: [SIMD2<Float>] {
    switch self {
    case .circle: []
    case .square: [[-0.85, -0.85], [0.85, -0.85], [0.85, 0.85], [-0.85, 0.85]]
    case .triangle: [[0, -1], [0.866, 0.6], [-0.866, 0.6]]
    case .cross:
      [
        [-0.32, -1], [0.32, -1], [0.32, -0.32], [1, -0.32], [1, 0.32], [0.32, 0.32], [0.32, 1], [-0.32, 1], [-0.32, 0.32],
        [-1, 0.32], [-1, -0.32], [-0.32, -0.32],
      ]
    case .star:
      [
        [0, -1], [0.235, -0.324], [0.951, -0.309], [0.38, 0.124], [0.588, 0.809], [0, 0.4], [-0.588, 0.809], [-0.38, 0.124],
        [-0.951, -0.309], [-0.235, -0.324],
      ]
    }
  }
}
