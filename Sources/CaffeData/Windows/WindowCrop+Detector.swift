/// Whose rule makes a net's input of a window.
public enum CropGeometry: String, Sendable, CaseIterable {
  /// pycaffe's Detector: ends of rows and columns lie outside, and the last row and column of the surroundings are left out.
  case caffe
  /// R-CNN's own, which WindowData layers train with: both ends lie inside.
  case rcnn
}

extension WindowCrop {
  /// The geometry of pycaffe's Detector.
  ///
  /// Numbers are rounded as numpy does, half to even, in double precision. Without surroundings ends are cut off to whole pixels.
  ///
  /// - Parameters:
  ///   - window: at least a part of it lies in the picture.
  ///   - picture: its width and height.
  ///   - size: width and height of the crop; a square when there are surroundings.
  ///   - contextPad: pixels of surroundings, counted in the crop; less than half of its width.
  ///   - mode: `square` takes the longer side of the window for both.
  package init(
    detecting window: PictureWindow, of picture: (width: Int, height: Int), size: (width: Int, height: Int), contextPad: Int,
    mode: WindowConfiguration.CropMode
  ) {
    guard contextPad > 0 || mode == .square else {
      self.init(source: WindowCrop.wholePixels(window.clipped(to: picture), in: picture), width: size.width, height: size.height)
      return
    }
    let scale = Double(size.width) / Double(size.width - 2 * contextPad)
    var half = (x: (window.width + 1) / 2, y: (window.height + 1) / 2)
    let middle = (x: window.minX + half.x, y: window.minY + half.y)
    if mode == .square { half = (max(half.x, half.y), max(half.x, half.y)) }
    let columns = DetectorSpan(middle: middle.x, half: half.x * scale, extent: picture.width, crop: size.width)
    let rows = DetectorSpan(middle: middle.y, half: half.y * scale, extent: picture.height, crop: size.height)
    self.init(
      source: PixelRange(left: columns.first, top: rows.first, right: columns.last, bottom: rows.last),
      width: columns.count, height: rows.count, left: columns.start, top: rows.start)
  }

  /// Ends cut off as Python's slices do it; at least one pixel.
  private static func wholePixels(_ window: PictureWindow, in picture: (width: Int, height: Int)) -> PixelRange {
    let (left, top) = (min(Int(window.minX), picture.width - 1), min(Int(window.minY), picture.height - 1))
    return PixelRange(left: left, top: top, right: max(left, Int(window.maxX) - 1), bottom: max(top, Int(window.maxY) - 1))
  }
}

/// One axis of the Detector's geometry.
private struct DetectorSpan {
  /// Pixels of the picture, both inside.
  let first: Int
  let last: Int
  /// Where they begin in the crop, and how many pixels they are stretched to.
  let start: Int
  let count: Int

  init(middle: Double, half: Double, extent: Int, crop: Int) {
    let low = (middle - half).rounded(.toNearestOrEven)
    let high = (middle + half).rounded(.toNearestOrEven)
    let scale = Double(crop) / (high - low + 1)
    let pad = (max(0, -low) * scale).rounded(.toNearestOrEven)
    let inside = (low: min(max(low, 0), Double(extent)), high: min(max(high, 0), Double(extent)))
    let stretched = ((inside.high - inside.low + 1) * scale).rounded(.toNearestOrEven)
    start = min(Int(pad), crop)
    count = max(0, min(Int(stretched), crop - start))
    // A window thinner than a pixel shows one all the same.
    first = min(Int(inside.low), extent - 1)
    last = max(first, Int(inside.high) - 1)
  }
}

extension WindowCrop {
  /// The geometry that WindowData layers train with, for a window of which a part lies in the picture. Its edges are rounded to
  /// whole pixels.
  ///
  /// - Parameters:
  ///   - picture: its width and height.
  ///   - side: of the crop.
  package init(
    training window: PictureWindow, of picture: (width: Int, height: Int), side: Int, contextPad: Int,
    mode: WindowConfiguration.CropMode
  ) {
    let inside = PixelRange(window, within: picture)
    let range = contextPad > 0 || mode == .square ? PixelRange(window) : inside
    let crop = WindowCrop(range, of: picture, side: side, contextPad: contextPad, mode: mode, isMirrored: false)
    self = crop ?? WindowCrop(source: inside, width: side, height: side)
  }
}
