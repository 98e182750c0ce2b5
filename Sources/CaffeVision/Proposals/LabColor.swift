/// sRGB to CIE L*a*b*, pixel for pixel as OpenCV makes it (`COLOR_BGR2Lab`), in whole numbers and through two tables.
///
/// The tables come from +, -, · and / alone, so that they are the same on every machine.
struct LabColor: Sendable {
  static let shared = LabColor()

  /// White's amount of light.
  private static let white = 255 * 8
  private static let weightBits = 12
  private static let responseBits = 15
  /// From sRGB to XYZ for white D65, each row a share of white.
  private static let weights: [[Double]] = [
    [0.412453 / 0.950456, 0.357580 / 0.950456, 0.180423 / 0.950456], [0.212671, 0.715160, 0.072169],
    [0.019334 / 1.088754, 0.119193 / 1.088754, 0.950227 / 1.088754],
  ]

  /// The light of a byte, 0 to `white`.
  private let light: [Int]
  /// CIE's f of an amount of light: its cube root, with a straight line near black.
  private let responses: [Int]
  private let x: SIMD3<Int>
  private let y: SIMD3<Int>
  private let z: SIMD3<Int>

  private init() {
    light = (0...255).map { Int((LabColor.linear(Double($0) / 255) * Double(LabColor.white)).rounded(.toNearestOrEven)) }
    // Rounded weights may add up to a little more than white.
    responses = (0...LabColor.white * 3 / 2).map { amount in
      let response = LabColor.response(Double(amount) / Double(LabColor.white))
      return Int((response * Double(1 << LabColor.responseBits)).rounded(.toNearestOrEven))
    }
    let one = Double(1 << LabColor.weightBits)
    let rows = LabColor.weights.map { row in SIMD3(row.map { Int(($0 * one).rounded(.toNearestOrEven)) }) }
    (x, y, z) = (rows[0], rows[1], rows[2])
  }

  /// L from 0 to 255, a and b with 128 for gray.
  func lab(blue: Int, green: Int, red: Int) -> SIMD3<UInt8> {
    let color = SIMD3(light[red], light[green], light[blue])
    let (fx, fy, fz) = (response(of: color, x), response(of: color, y), response(of: color, z))
    let lightness = (116 * 255 + 50) / 100 * fy - ((16 * 255 << LabColor.responseBits) + 50) / 100
    let gray = 128 << LabColor.responseBits
    return SIMD3(LabColor.byte(lightness), LabColor.byte(500 * (fx - fy) + gray), LabColor.byte(200 * (fy - fz) + gray))
  }

  @inline(__always)
  private func response(of color: SIMD3<Int>, _ weights: SIMD3<Int>) -> Int {
    responses[LabColor.rounded(color.x * weights.x + color.y * weights.y + color.z * weights.z, LabColor.weightBits)]
  }

  private static func rounded(_ value: Int, _ bits: Int) -> Int { (value + (1 << (bits - 1))) >> bits }

  private static func byte(_ value: Int) -> UInt8 { UInt8(min(max(rounded(value, responseBits), 0), 255)) }

  /// sRGB's curve: ((v + 0.055) / 1.055)^2.4, with a straight line near black.
  private static func linear(_ value: Double) -> Double {
    guard value > 0.04045 else { return value / 12.92 }
    let base = (value + 0.055) / 1.055
    let square = base * base
    var root = 1.0  // The fifth root of the square, by Newton's method.
    for _ in 0..<60 { root = (4 * root + square / (root * root * root * root)) / 5 }
    return square * root
  }

  private static func response(_ amount: Double) -> Double {
    guard amount > 0.008856 else { return 7.787 * amount + 16.0 / 116 }
    var root = 1.0
    for _ in 0..<40 { root = (2 * root + amount / (root * root)) / 3 }
    return root
  }
}
