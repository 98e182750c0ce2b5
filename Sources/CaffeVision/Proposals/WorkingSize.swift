import CaffeData

/// The size at which a picture is searched, and the way back.
struct WorkingSize: Sendable, Equatable {
  /// The most pixels of a working picture: 524,288, whatever the width that is asked for.
  static let maximumPixels = 1 << 19

  let picture: (width: Int, height: Int)
  let width: Int
  let height: Int

  /// - Parameter target: the width to work at, or nil for the picture's own.
  init(of image: Image, width target: Int?) {
    picture = (image.width, image.height)
    let (wide, high) = (Double(image.width), Double(image.height))
    let wanted = target.map { Double($0) / wide } ?? 1
    let scale = min(wanted, (Double(WorkingSize.maximumPixels) / (wide * high)).squareRoot())
    width = max(1, min(Int((wide * scale).rounded()), WorkingSize.maximumPixels))
    height = max(1, min(Int((high * scale).rounded()), WorkingSize.maximumPixels / width))
  }

  static func == (left: WorkingSize, right: WorkingSize) -> Bool {
    left.picture == right.picture && (left.width, left.height) == (right.width, right.height)
  }

  /// Whether a box is at least `side` wide and high, or as wide or high as the picture where that is less.
  func isLargeEnough(_ box: RegionBox, side: Int) -> Bool {
    box.width >= min(side, width) && box.height >= min(side, height)
  }

  /// A box in pixels of the picture, by R-CNN's rule: distances of pixels are scaled, and the last pixel is one pixel. A box that
  /// reaches the end of the working picture reaches that of the picture.
  func window(_ box: RegionBox) -> PictureWindow {
    let (x, y) = (Scale(from: width, to: picture.width), Scale(from: height, to: picture.height))
    return PictureWindow(minY: y.start(box.minY), minX: x.start(box.minX), maxY: y.end(box.maxY), maxX: x.end(box.maxX))
  }

  /// From places along a side of the working picture to those of the picture.
  private struct Scale {
    let from: Int
    let to: Int
    private let factor: Double

    init(from: Int, to: Int) {
      self.from = from
      self.to = to
      factor = Double(to) / Double(from)
    }

    func start(_ pixel: Int32) -> Double { Double(pixel) * factor }

    func end(_ pixel: Int32) -> Double {
      Int(pixel) == from - 1 ? Double(to) : min(Double(pixel) * factor + 1, Double(to))
    }
  }
}
