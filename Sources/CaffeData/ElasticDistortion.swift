import CaffeCore

/// A smooth random displacement of the plane: what an unsteady hand does to a stroke.
///
/// A sum of plane waves with random directions, phases and lengths of the size of the glyph.
struct ElasticDistortion {
  private struct Wave {
    let direction: SIMD2<Float>
    let phase: Float
    let displacement: SIMD2<Float>
  }

  private var waves: [Wave] = []

  /// - Parameter strength: the size of a wave's displacement, in widths of the glyph.
  init(strength: Float, random: inout SequentialRandom) {
    for _ in 0..<4 {
      let direction = SIMD2(random.signed(), random.signed()) * 7
      let displacement = SIMD2(random.signed(), random.signed()) * strength
      waves.append(Wave(direction: direction, phase: random.uniform(), displacement: displacement))
    }
  }

  /// Where a point of the unit square goes.
  func callAsFunction(_ point: SIMD2<Float>) -> SIMD2<Float> {
    waves.reduce(point) { moved, wave in
      moved + wave.displacement * ElasticDistortion.wave((wave.direction * point).sum() / (2 * .pi) + wave.phase)
    }
  }

  /// A parabola's approximation of a sine of period 1, exact in its zeros and extremes; pixels do not tell.
  private static func wave(_ turns: Float) -> Float {
    let t = turns - turns.rounded(.down) - 0.5
    return -8 * t * (1 - 2 * abs(t))
  }
}

extension SequentialRandom {
  /// Uniform in [−1, 1).
  mutating func signed() -> Float { 2 * uniform() - 1 }

  /// Roughly normal with deviation 1, never beyond ±3.
  mutating func bell() -> Float { (signed() + signed() + signed()) }

  /// Uniform in `range`.
  mutating func uniform(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }
}
