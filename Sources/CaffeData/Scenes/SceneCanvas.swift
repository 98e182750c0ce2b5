import CaffeCore

/// A square colour picture that scenes are painted on; colours are blue, green and red, 0 … 1.
struct SceneCanvas {
  /// Samples per pixel and axis.
  private static let samples = 4

  let side: Int
  private(set) var pixels: [SIMD3<Float>]

  /// A background that changes evenly from corner to corner.
  init(side: Int, from first: SIMD3<Float>, to last: SIMD3<Float>, direction: SIMD2<Float>) {
    self.side = side
    pixels = (0..<side * side).map { index in
      let place = SIMD2(Float(index % side), Float(index / side)) / Float(side) - 0.5
      let share = min(max((place * direction).sum() + 0.5, 0), 1)
      return first + (last - first) * share
    }
  }

  /// Covers with colour what of each pixel's samples lies in the region.
  ///
  /// - Parameter box: around the region, in pixels.
  mutating func fill(_ color: SIMD3<Float>, in box: SceneBox, where isInside: (SIMD2<Float>) -> Bool) {
    let count = SceneCanvas.samples
    for y in span(box.minimum.y, box.maximum.y) {
      for x in span(box.minimum.x, box.maximum.x) {
        var covered = 0
        for sample in 0..<count * count {
          let offset = SIMD2(Float(sample % count), Float(sample / count)) + 0.5
          if isInside(SIMD2(Float(x), Float(y)) + offset / Float(count)) { covered += 1 }
        }
        let share = Float(covered) / Float(count * count)
        pixels[y * side + x] += (color - pixels[y * side + x]) * share
      }
    }
  }

  mutating func fill(_ color: SIMD3<Float>, _ shape: PlacedShape) { fill(color, in: shape.box, where: shape.contains) }

  /// A line with round ends.
  mutating func line(_ color: SIMD3<Float>, from start: SIMD2<Float>, to end: SIMD2<Float>, radius: Float) {
    let direction = end - start
    let scale = 1 / max((direction * direction).sum(), 1e-6)
    let box = SceneBox(minimum: pointwiseMin(start, end) - radius, maximum: pointwiseMax(start, end) + radius)
    fill(color, in: box) { point in
      let along = min(max(((point - start) * direction).sum() * scale, 0), 1)
      let away = point - start - direction * along
      return (away * away).sum() <= radius * radius
    }
  }

  /// Adds grain of the given deviation to every channel.
  mutating func roughen(_ deviation: Float, _ random: inout SequentialRandom) {
    for index in pixels.indices {
      pixels[index] += SIMD3(random.bell(), random.bell(), random.bell()) * deviation
    }
  }

  /// Rows of pixels of three bytes: blue, green, red.
  var bytes: [UInt8] {
    pixels.flatMap { pixel in
      let value = pixel.clamped(lowerBound: .zero, upperBound: .one) * 255
      return [value.x, value.y, value.z].map { UInt8($0.rounded()) }
    }
  }

  /// The pixels between two coordinates.
  private func span(_ low: Float, _ high: Float) -> Range<Int> {
    let first = Int(min(max(low.rounded(.down), 0), Float(side)))
    return first..<max(first, Int(min(max(high.rounded(.up), 0), Float(side))))
  }
}
