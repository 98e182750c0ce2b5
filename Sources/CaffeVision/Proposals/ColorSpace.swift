import CaffeData

extension SelectiveSearch {
  /// What is taken for the colours of a picture. All planes are 8-bit, in OpenCV's ranges.
  public enum ColorSpace: String, Sendable, CaseIterable {
    /// Hue in steps of 2 degrees (0 to 179), saturation, value.
    case hsv
    /// CIE L*a*b* (white D65): L scaled to 0 … 255, a and b with 128 for gray.
    case lab
    /// Red's and green's shares of the sum of the three, and the mean of the three.
    case rgi
    /// Hue alone.
    case hue
    /// The weighted mean that `Image.gray()` gives.
    case intensity
  }
}

/// A picture in a colour space: one or three planes of bytes, row after row.
struct ColorPlanes: Sendable, Equatable {
  let width: Int
  let height: Int
  let planes: [[UInt8]]

  init(width: Int, height: Int, planes: [[UInt8]]) {
    self.width = width
    self.height = height
    self.planes = planes
  }

  /// - Parameter image: of three channels, or of one, which counts as three equal ones.
  init(_ image: Image, in space: SelectiveSearch.ColorSpace) {
    width = image.width
    height = image.height
    planes =
      switch space {
      case .hsv: ColorPlanes.three(image, HueSaturation.shared.hsv)
      case .lab: ColorPlanes.three(image, LabColor.shared.lab)
      case .rgi: ColorPlanes.three(image, ColorPlanes.rgi)
      case .hue: [ColorPlanes.three(image, HueSaturation.shared.hsv)[0]]
      case .intensity: [image.gray().pixels]
      }
  }

  /// Three planes, from a function of blue, green and red.
  private static func three(
    _ image: Image, _ convert: (_ blue: Int, _ green: Int, _ red: Int) -> SIMD3<UInt8>
  ) -> [[UInt8]] {
    let count = image.width * image.height
    let step = image.channels
    let (green, red) = step == 3 ? (1, 2) : (0, 0)
    var first = [UInt8](repeating: 0, count: count)
    var second = first
    var third = first
    image.pixels.withUnsafeBufferPointer { pixels in
      for pixel in 0..<count {
        let place = pixel * step
        let color = convert(Int(pixels[place]), Int(pixels[place + green]), Int(pixels[place + red]))
        first[pixel] = color.x
        second[pixel] = color.y
        third[pixel] = color.z
      }
    }
    return [first, second, third]
  }

  private static func rgi(blue: Int, green: Int, red: Int) -> SIMD3<UInt8> {
    let sum = blue + green + red
    guard sum > 0 else { return SIMD3(85, 85, 0) }
    return SIMD3(
      UInt8((2 * 255 * red + sum) / (2 * sum)), UInt8((2 * 255 * green + sum) / (2 * sum)), UInt8((2 * sum + 3) / 6))
  }
}
