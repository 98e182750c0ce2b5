/// How a camera was held, as Exif numbers it: where the stored first row and first column belong.
enum ImageOrientation: Int {
  case upright = 1
  case mirrored, upsideDown, flipped, transposed, turnedLeft, transversed, turnedRight

  /// Whether the stored picture lies on its side.
  private var swapsAxes: Bool { rawValue >= 5 }
  /// Whether the upright picture's column runs against the stored axis it comes from.
  private var reversesX: Bool { [.mirrored, .upsideDown, .turnedLeft, .transversed].contains(self) }
  /// Whether the upright picture's row runs against the stored axis it comes from.
  private var reversesY: Bool { [.upsideDown, .flipped, .transversed, .turnedRight].contains(self) }

  /// The picture as it should be looked at.
  func upright(_ image: Image) -> Image {
    guard self != .upright else { return image }
    let width = swapsAxes ? image.height : image.width
    let height = swapsAxes ? image.width : image.height
    var pixels: [UInt8] = []
    pixels.reserveCapacity(image.pixels.count)
    for y in 0..<height {
      let row = reversesY ? height - 1 - y : y
      for x in 0..<width {
        let column = reversesX ? width - 1 - x : x
        let stored = swapsAxes ? column * image.width + row : row * image.width + column
        pixels += image.pixels[stored * image.channels..<(stored + 1) * image.channels]
      }
    }
    return Image(checkedWidth: width, height: height, channels: image.channels, pixels: pixels)
  }
}
