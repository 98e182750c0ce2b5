/// A part of a picture in pixels, both ends inside.
package struct PixelRange: Equatable, Sendable, CustomStringConvertible {
  package var left: Int
  package var top: Int
  package var right: Int
  package var bottom: Int

  init(left: Int, top: Int, right: Int, bottom: Int) {
    (self.left, self.top, self.right, self.bottom) = (left, top, right, bottom)
  }

  /// The pixels between a window's edges, which are rounded to whole ones; at least one.
  package init(_ window: PictureWindow) {
    (left, top) = (Int(window.minX.rounded()), Int(window.minY.rounded()))
    (right, bottom) = (max(left, Int(window.maxX.rounded()) - 1), max(top, Int(window.maxY.rounded()) - 1))
  }

  /// The same for a window that lies in a picture, of which it is a part.
  ///
  /// - Parameter picture: its width and height.
  package init(_ window: PictureWindow, within picture: (width: Int, height: Int)) {
    self.init(window.clipped(to: picture))
    (left, top) = (min(left, picture.width - 1), min(top, picture.height - 1))
    (right, bottom) = (max(left, min(right, picture.width - 1)), max(top, min(bottom, picture.height - 1)))
  }

  var width: Int { right - left + 1 }
  var height: Int { bottom - top + 1 }
  var isSound: Bool { left <= right && top <= bottom }

  package var description: String { "\(left),\(top)…\(right),\(bottom)" }
}

/// What of a picture is stretched to which size, and where it goes in the crop: R-CNN's geometry, as Caffe has it.
///
/// A window with surroundings is the window scaled about its middle, so that after stretching to the crop the surroundings are
/// `context_pad` pixels wide. What of it lies outside the picture leaves its share of the crop empty. Numbers are rounded as
/// Caffe does, half away from zero, in single precision.
package struct WindowCrop: Equatable, Sendable {
  /// What is taken out of the picture.
  private(set) var source: PixelRange
  /// What it is stretched to, in pixels; 0 where nothing of it can be seen.
  private(set) var width: Int
  private(set) var height: Int
  /// Where it begins in the crop.
  private(set) var left = 0
  private(set) var top = 0

  /// What is known already.
  init(source: PixelRange, width: Int, height: Int, left: Int = 0, top: Int = 0) {
    (self.source, self.width, self.height, self.left, self.top) = (source, width, height, left, top)
  }

  /// - Parameters:
  ///   - window: both ends inside.
  ///   - picture: its width and height.
  ///   - side: of the crop.
  /// - Returns: nil when the window lies outside of the picture.
  package init?(
    _ window: PixelRange, of picture: (width: Int, height: Int), side: Int, contextPad: Int, mode: WindowConfiguration.CropMode,
    isMirrored: Bool
  ) {
    source = window
    (width, height) = (side, side)
    if contextPad > 0 || mode == .square {
      let region = WindowCrop.expanded(window, side: side, contextPad: contextPad, isSquare: mode == .square)
      place(region, of: picture, side: side, isMirrored: isMirrored)
    }
    guard source.isSound, source.left >= 0, source.top >= 0, source.right < picture.width, source.bottom < picture.height else {
      return nil
    }
  }

  /// The window with its surroundings.
  private static func expanded(_ window: PixelRange, side: Int, contextPad: Int, isSquare: Bool) -> PixelRange {
    let scale = Float(side) / Float(side - 2 * contextPad)
    let half = (width: Float(window.width) / 2, height: Float(window.height) / 2)
    let middle = (x: Float(window.left) + half.width, y: Float(window.top) + half.height)
    let (across, down) = isSquare ? (max(half.width, half.height), max(half.width, half.height)) : half
    return PixelRange(
      left: Int((middle.x - across * scale).rounded()), top: Int((middle.y - down * scale).rounded()),
      right: Int((middle.x + across * scale).rounded()), bottom: Int((middle.y + down * scale).rounded()))
  }

  private mutating func place(_ region: PixelRange, of picture: (width: Int, height: Int), side: Int, isMirrored: Bool) {
    let outside = PixelRange(
      left: max(0, -region.left), top: max(0, -region.top), right: max(0, region.right - picture.width + 1),
      bottom: max(0, region.bottom - picture.height + 1))
    source = PixelRange(
      left: region.left + outside.left, top: region.top + outside.top, right: region.right - outside.right,
      bottom: region.bottom - outside.bottom)
    let (across, down) = (Float(side) / Float(region.width), Float(side) / Float(region.height))
    left = Int((Float(isMirrored ? outside.right : outside.left) * across).rounded())
    top = Int((Float(outside.top) * down).rounded())
    // Rounding may have made it too large.
    width = max(0, min(Int((Float(source.width) * across).rounded()), side - left))
    height = max(0, min(Int((Float(source.height) * down).rounded()), side - top))
  }
}
