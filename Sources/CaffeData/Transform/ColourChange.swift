#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A change of a picture's colours: each value becomes a sum of the pixel's values and a number.
struct ColourChange {
  /// Rows for blue, green and red; factors of blue, green and red, and what is added.
  private let rows: [SIMD4<Float>]
  /// For gray pixels: factor and what is added.
  private let gray: (factor: Float, added: Float)

  /// How much of the brightness blue, green and red are.
  private static let weights = SIMD4<Float>(0.114, 0.587, 0.299, 0)

  /// - Parameters:
  ///   - brightness: added to all values.
  ///   - contrast: factor on all values.
  ///   - saturation: factor on the distance to gray.
  ///   - hueDegrees: by how much colours turn; brightness stays.
  init(brightness: Float, contrast: Float, saturation: Float, hueDegrees: Float) {
    gray = (contrast, brightness)
    let angle = hueDegrees * .pi / 180
    let (cosine, sine) = (cos(angle) * saturation, sin(angle) * saturation)
    // Turning about the axis of grays, in the plane of blue − brightness and red − brightness, which YIQ's two axes span.
    let turned = ColourChange.turn(cosine, sine)
    rows = turned.map { row in
      var row = row * contrast
      row.w = brightness
      return row
    }
  }

  /// Brightness from the pixel, the two colour differences of YIQ turned and scaled, put together to blue, green and red again.
  private static func turn(_ cosine: Float, _ sine: Float) -> [SIMD4<Float>] {
    let i = SIMD4<Float>(-0.3213, -0.2744, 0.5957, 0)
    let q = SIMD4<Float>(0.3111, -0.5226, 0.2115, 0)
    let (turnedI, turnedQ) = (i * cosine - q * sine, i * sine + q * cosine)
    let shares: [(i: Float, q: Float)] = [(-1.1070, 1.7046), (-0.2721, -0.6474), (0.9563, 0.6210)]
    return shares.map { weights + turnedI * $0.i + turnedQ * $0.q }
  }

  /// Whether nothing changes.
  private var isNone: Bool {
    gray == (1, 0)
      && rows.enumerated().allSatisfy { index, row in
        (0..<3).allSatisfy { abs(row[$0] - ($0 == index ? 1 : 0)) < 0.002 }
      }
  }

  func apply(to image: Image) -> Image {
    guard !isNone else { return image }
    let values = [UInt8](unsafeUninitializedCapacity: image.pixels.count) { target, count in
      image.pixels.withUnsafeBufferPointer { source in
        image.channels == 1 ? changeGray(source, target) : changeColours(source, target)
      }
      count = image.pixels.count
    }
    return Image(checkedWidth: image.width, height: image.height, channels: image.channels, pixels: values)
  }

  private func changeGray(_ source: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>) {
    for index in source.indices { target[index] = ColourChange.byte(Float(source[index]) * gray.factor + gray.added) }
  }

  private func changeColours(_ source: UnsafeBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>) {
    let (blue, green, red) = (rows[0], rows[1], rows[2])
    for start in stride(from: 0, to: source.count - 2, by: 3) {
      let pixel = SIMD4<Float>(Float(source[start]), Float(source[start + 1]), Float(source[start + 2]), 1)
      target[start] = ColourChange.byte((pixel * blue).sum())
      target[start + 1] = ColourChange.byte((pixel * green).sum())
      target[start + 2] = ColourChange.byte((pixel * red).sum())
    }
  }

  private static func byte(_ value: Float) -> UInt8 { UInt8(min(max(value.rounded(), 0), 255)) }
}
