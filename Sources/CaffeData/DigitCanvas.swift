import CaffeCore

/// A small gray picture that a pen draws on.
struct DigitCanvas {
  /// H and W, in pixels.
  static let side = 28

  /// Ink per pixel, 0 ... 1.
  private var ink = [Float](repeating: 0, count: side * side)

  /// Draws a line whose radius changes evenly; all measures in pixels.
  mutating func line(from start: SIMD2<Float>, to end: SIMD2<Float>, radius: ClosedRange<Float>, rising: Bool) {
    let first = rising ? radius.lowerBound : radius.upperBound
    let last = rising ? radius.upperBound : radius.lowerBound
    let reach = radius.upperBound + 1
    let columns = DigitCanvas.span(min(start.x, end.x) - reach, max(start.x, end.x) + reach)
    let rows = DigitCanvas.span(min(start.y, end.y) - reach, max(start.y, end.y) + reach)
    let direction = end - start
    let scale = 1 / max((direction * direction).sum(), 1e-6)
    for y in rows {
      for x in columns {
        let offset = SIMD2(Float(x), Float(y)) - start
        let along = min(max((offset * direction).sum() * scale, 0), 1)
        let away = offset - direction * along
        let distance = (away * away).sum().squareRoot()
        let cover = min(max(first + (last - first) * along - distance + 0.5, 0), 1)
        ink[y * DigitCanvas.side + x] = max(ink[y * DigitCanvas.side + x], cover)
      }
    }
  }

  /// Spreads ink to the neighbours: `amount` 0 leaves it, 0.5 is a binomial blur.
  mutating func blur(_ amount: Float) {
    blur(amount, along: 1, across: DigitCanvas.side)
    blur(amount, along: DigitCanvas.side, across: 1)
  }

  private mutating func blur(_ amount: Float, along step: Int, across stride: Int) {
    ink.withUnsafeMutableBufferPointer { ink in
      for lane in 0..<DigitCanvas.side {
        var before: Float = 0
        for index in 0..<DigitCanvas.side {
          let place = lane * stride + index * step
          let after = index + 1 < DigitCanvas.side ? ink[place + step] : 0
          let here = ink[place]
          ink[place] = here * (1 - amount) + (before + after) * amount / 2
          before = here
        }
      }
    }
  }

  /// The picture in bytes, row by row, with grain added.
  ///
  /// - Parameters:
  ///   - brightness: the value of full ink, 0 ... 1.
  ///   - noise: deviation of the grain, in gray levels of 255.
  func developed(brightness: Float, noise: Float, random: inout SequentialRandom) -> [UInt8] {
    var bits: UInt64 = 0
    return ink.indices.map { index in
      if index % 2 == 0 { bits = random.next() }
      let grain = DigitCanvas.grain(UInt32(truncatingIfNeeded: bits >> (index % 2 == 0 ? 0 : 32)))
      return UInt8(min(max(ink[index] * brightness * 255 + grain * noise, 0), 255))
    }
  }

  /// Roughly normal with deviation 1, from four bytes.
  private static func grain(_ bits: UInt32) -> Float {
    let sum = (bits & 0xFF) + (bits >> 8 & 0xFF) + (bits >> 16 & 0xFF) + (bits >> 24)
    return (Float(sum) - 510) / 148
  }

  /// The pixels between two coordinates.
  private static func span(_ low: Float, _ high: Float) -> Range<Int> {
    let first = Int(min(max(low.rounded(.down), 0), Float(side)))
    let last = Int(min(max(high.rounded(.up) + 1, 0), Float(side)))
    return first..<max(first, last)
  }
}
