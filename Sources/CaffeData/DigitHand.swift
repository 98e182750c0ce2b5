import CaffeCore

/// How one digit is written: size, slant, place, pen and steadiness.
struct DigitHand {
  /// Deviation of a stroke's points, in widths of the glyph.
  let unsteadiness: Float
  private let distortion: ElasticDistortion
  private let xAxis: SIMD2<Float>
  private let yAxis: SIMD2<Float>
  private let center: SIMD2<Float>
  private let radius: Float

  init(random: inout SequentialRandom) {
    unsteadiness = random.uniform(in: 0.008...0.035)
    distortion = ElasticDistortion(strength: random.uniform(in: 0.02...0.09), random: &random)
    let width = random.uniform(in: 10...17)
    let height = random.uniform(in: 16...21.5)
    let turn = 0.16 * random.bell()
    let slant = 0.16 * random.bell() + 0.12
    xAxis = SIMD2(1, turn) * width
    yAxis = SIMD2(-turn - slant, 1) * height
    center = SIMD2(13.5, 13.5) + SIMD2(random.bell(), random.bell()) * 1.1
    radius = random.uniform(in: 0.7...1.75)
  }

  /// Draws a stroke; the pen's pressure wanders along it.
  func draw(_ path: StrokePath, on canvas: inout DigitCanvas, random: inout SequentialRandom) {
    let start = radius * (1 + 0.25 * random.signed())
    let end = radius * (1 + 0.25 * random.signed())
    let points = path.points.map(place)
    let step = (end - start) / Float(max(points.count - 1, 1))
    for index in 1..<max(points.count, 1) {
      let before = start + step * Float(index - 1)
      let after = before + step
      canvas.line(
        from: points[index - 1], to: points[index], radius: min(before, after)...max(before, after), rising: step >= 0)
    }
  }

  /// A point of the unit square in pixels.
  private func place(_ point: SIMD2<Float>) -> SIMD2<Float> {
    let moved = distortion(point) - SIMD2(0.5, 0.5)
    return center + xAxis * moved.x + yAxis * moved.y
  }
}
