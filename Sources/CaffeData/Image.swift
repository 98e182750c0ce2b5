/// An 8-bit picture in memory: H rows of W pixels of C interleaved bytes, top row first.
///
/// Colour pixels are **blue, green, red**, the order Caffe nets were trained with; gray pixels are one byte.
public struct Image: Sendable, Equatable {
  /// The most pixels (H·W) an image may have: 268,435,456.
  public static let maximumPixels = 1 << 28

  /// W, in pixels.
  public let width: Int
  /// H, in pixels.
  public let height: Int
  /// C: 1 gray or 3 blue, green, red.
  public let channels: Int
  /// H·W·C bytes; pixel (x, y) starts at `(y * width + x) * channels`.
  public let pixels: [UInt8]

  /// An image over the given bytes.
  ///
  /// - Throws: `ImageError` when a side is not positive, the channels are not 1 or 3, or the bytes are not H·W·C.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) throws(ImageError) {
    try Image.check(width: width, height: height, channels: channels, source: "image")
    guard pixels.count == width * height * channels else {
      let needed = "\(height)x\(width)x\(channels)"
      throw ImageError(source: "image", "\(needed) pixels need \(width * height * channels) bytes, got \(pixels.count)")
    }
    self.init(checkedWidth: width, height: height, channels: channels, pixels: pixels)
  }

  /// An image whose measures are known to be sound.
  init(checkedWidth width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Refuses measures no image here may have, before memory is asked for.
  static func check(width: Int, height: Int, channels: Int, source: String) throws(ImageError) {
    guard channels == 1 || channels == 3 else {
      throw ImageError(source: source, "an image has 1 or 3 channels, not \(channels)")
    }
    guard width > 0, height > 0, width <= maximumPixels, height <= maximumPixels, width * height <= maximumPixels else {
      throw ImageError(source: source, "\(width)x\(height) pixels; an image has 1 to \(maximumPixels)")
    }
  }

  /// A part of the picture, which must lie inside.
  func part(_ range: PixelRange) -> Image {
    precondition(range.isSound && range.left >= 0 && range.top >= 0 && range.right < width && range.bottom < height)
    var values: [UInt8] = []
    values.reserveCapacity(range.width * range.height * channels)
    for y in range.top...range.bottom {
      let start = (y * width + range.left) * channels
      values += pixels[start..<start + range.width * channels]
    }
    return Image(checkedWidth: range.width, height: range.height, channels: channels, pixels: values)
  }

  /// The same picture in one channel, weighted .299 red, .587 green, .114 blue in 14-bit fixed point as OpenCV does.
  public func gray() -> Image {
    guard channels == 3 else { return self }
    let values = [UInt8](unsafeUninitializedCapacity: width * height) { target, count in
      pixels.withUnsafeBufferPointer { source in
        for pixel in 0..<width * height {
          let blue = Int(source[3 * pixel]) * 1868
          let green = Int(source[3 * pixel + 1]) * 9617
          let red = Int(source[3 * pixel + 2]) * 4899
          target[pixel] = UInt8(truncatingIfNeeded: (blue + green + red + 8192) >> 14)
        }
      }
      count = width * height
    }
    return Image(checkedWidth: width, height: height, channels: 1, pixels: values)
  }
}
