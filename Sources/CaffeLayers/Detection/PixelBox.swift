/// A box in pixels whose corners lie both inside: 0, 0 to 15, 15 is 16 wide.
struct PixelBox: Equatable {
  var x1, y1, x2, y2: Float

  var width: Float { x2 - x1 + 1 }
  var height: Float { y2 - y1 + 1 }
  var area: Float { width * height }

  /// The box around a centre.
  init(centerX: Float, centerY: Float, width: Float, height: Float) {
    (x1, x2) = (centerX - 0.5 * (width - 1), centerX + 0.5 * (width - 1))
    (y1, y2) = (centerY - 0.5 * (height - 1), centerY + 0.5 * (height - 1))
  }

  init(x1: Float, y1: Float, x2: Float, y2: Float) { (self.x1, self.y1, self.x2, self.y2) = (x1, y1, x2, y2) }

  /// The same box elsewhere.
  func shifted(x: Float, y: Float) -> PixelBox { PixelBox(x1: x1 + x, y1: y1 + y, x2: x2 + x, y2: y2 + y) }

  /// What a net's four numbers make of the box: its centre moves by shares of its size, its size grows by powers of e.
  ///
  /// Faster R-CNN's own arithmetic, which forgets the 1 of `width` on the way back: a box moved by zeros is one pixel larger.
  func moved(dx: Float, dy: Float, dw: Float, dh: Float) -> PixelBox {
    let (x, y) = (x1 + 0.5 * width + dx * width, y1 + 0.5 * height + dy * height)
    let (halfWidth, halfHeight) = (0.5 * exponential(dw) * width, 0.5 * exponential(dh) * height)
    return PixelBox(x1: x - halfWidth, y1: y - halfHeight, x2: x + halfWidth, y2: y + halfHeight)
  }

  /// The part inside an image.
  func clipped(width: Float, height: Float) -> PixelBox {
    func inside(_ value: Float, _ extent: Float) -> Float { max(0, min(value, extent - 1)) }
    return PixelBox(x1: inside(x1, width), y1: inside(y1, height), x2: inside(x2, width), y2: inside(y2, height))
  }

  /// Intersection over union.
  func overlap(with other: PixelBox) -> Float {
    let width = min(x2, other.x2) - max(x1, other.x1) + 1
    let height = min(y2, other.y2) - max(y1, other.y1) + 1
    guard width > 0, height > 0 else { return 0 }
    return width * height / (area + other.area - width * height)
  }

  /// Greedy suppression: a box is kept unless it overlaps one that was kept before it by more than `threshold`.
  ///
  /// - Parameters:
  ///   - boxes: the best first.
  ///   - limit: how many to keep at most.
  /// - Returns: the indices of those that are kept, the best first.
  static func survivors(of boxes: [PixelBox], threshold: Float, limit: Int) -> [Int] {
    var kept: [Int] = []
    for (index, box) in boxes.enumerated() {
      if kept.count >= limit { break }
      if kept.allSatisfy({ boxes[$0].overlap(with: box) <= threshold }) { kept.append(index) }
    }
    return kept
  }
}
