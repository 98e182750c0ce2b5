import Foundation

/// Textbook formulas in double precision, to compare with.
enum Formulas {
  /// CIE L*a*b* of blue, green, red in sRGB for white D65; L times 2.55, a and b plus 128.
  static func lab(_ color: [UInt8]) -> [Double] {
    let light = color.map { byte in
      let value = Double(byte) / 255
      return value > 0.04045 ? pow((value + 0.055) / 1.055, 2.4) : value / 12.92
    }
    let (blue, green, red) = (light[0], light[1], light[2])
    let x = response((0.412453 * red + 0.357580 * green + 0.180423 * blue) / 0.950456)
    let y = response(0.212671 * red + 0.715160 * green + 0.072169 * blue)
    let z = response((0.019334 * red + 0.119193 * green + 0.950227 * blue) / 1.088754)
    return [2.55 * (116 * y - 16), 500 * (x - y) + 128, 200 * (y - z) + 128]
  }

  private static func response(_ amount: Double) -> Double {
    amount > 0.008856 ? cbrt(amount) : 7.787 * amount + 16.0 / 116
  }
}
