/// Hue, saturation and value of a colour, pixel for pixel as OpenCV makes them (`COLOR_BGR2HSV`), in whole numbers alone.
struct HueSaturation: Sendable {
  static let shared = HueSaturation()

  /// Bits of a reciprocal's fraction.
  private static let bits = 12
  /// 255 over 1 … 255.
  private let saturations: [Int]
  /// A sixth of the circle of 180 over 1 … 255.
  private let hues: [Int]

  private init() {
    let one = Double(1 << HueSaturation.bits)
    saturations = [0] + (1...255).map { Int((255 * one / Double($0)).rounded(.toNearestOrEven)) }
    hues = [0] + (1...255).map { Int((180 * one / (6 * Double($0))).rounded(.toNearestOrEven)) }
  }

  /// Hue in steps of 2 degrees (0 to 179), saturation and value from 0 to 255; hue and saturation of gray are 0.
  func hsv(blue: Int, green: Int, red: Int) -> SIMD3<UInt8> {
    let value = max(blue, green, red)
    let range = value - min(blue, green, red)
    let offset =
      if value == red {
        green - blue
      } else if value == green {
        blue - red + 2 * range
      } else {
        red - green + 4 * range
      }
    let half = 1 << (HueSaturation.bits - 1)
    let hue = (offset * hues[range] + half) >> HueSaturation.bits
    let saturation = (range * saturations[value] + half) >> HueSaturation.bits
    return SIMD3(UInt8(hue < 0 ? hue + 180 : hue), UInt8(saturation), UInt8(value))
  }
}
