import CaffeCore

/// An endless set of made-up handwritten digits for training without a download.
///
/// Digit `i` is a pure function of the seed and `i`: any range of digits, made in any order on any machine, is the
/// same. Pictures are 28×28 gray bytes as in MNIST, white ink on black.
public struct DigitGenerator: Sendable {
  /// H and W of a picture, in pixels.
  public static let side = DigitCanvas.side

  private let seed: UInt64

  /// - Parameter seed: which of the 2⁶⁴ sets.
  public init(seed: UInt64) { self.seed = seed }

  /// One digit: its label, 0 to 9 with equal chances, and H·W = 784 bytes row by row.
  public func digit(_ index: Int) -> (label: Int, pixels: [UInt8]) {
    var random = SequentialRandom(RandomStream(seed: seed, path: UInt64(bitPattern: Int64(index))))
    let label = Int.random(in: 0..<10, using: &random)
    let variants = DigitGlyphs.variants(of: label)
    let glyph = variants[Int.random(in: 0..<variants.count, using: &random)]
    let hand = DigitHand(random: &random)
    var canvas = DigitCanvas()
    for stroke in glyph {
      let path = StrokePath(through: DigitGenerator.shaken(stroke, by: hand.unsteadiness, &random))
      hand.draw(path, on: &canvas, random: &random)
    }
    canvas.blur(random.uniform(in: 0.1...0.45))
    let brightness = random.uniform(in: 0.7...1)
    let noise = random.uniform(in: 0...14)
    return (label, canvas.developed(brightness: brightness, noise: noise, random: &random))
  }

  /// The points of a stroke, each moved a little.
  private static func shaken(
    _ stroke: [DigitGlyphs.Point], by amount: Float, _ random: inout SequentialRandom
  ) -> [DigitGlyphs.Point] {
    stroke.map { $0 + SIMD2(random.bell(), random.bell()) * amount }
  }
}
