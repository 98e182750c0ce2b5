/// A rectangle of a picture in pixels: rows minY ..< maxY and columns minX ..< maxX, as Caffe's detect.py counts.
public struct PictureWindow: Sendable, Hashable, CustomStringConvertible {
  public var minY: Double
  public var minX: Double
  public var maxY: Double
  public var maxX: Double

  /// Edges farther away than this, in pixels, are mistakes.
  private static let farthest = 1e9

  public init(minY: Double, minX: Double, maxY: Double, maxX: Double) {
    (self.minY, self.minX, self.maxY, self.maxX) = (minY, minX, maxY, maxX)
  }

  /// The window of a range with both ends inside.
  package init(_ range: PixelRange) {
    self.init(minY: Double(range.top), minX: Double(range.left), maxY: Double(range.bottom + 1), maxX: Double(range.right + 1))
  }

  public var height: Double { maxY - minY }
  public var width: Double { maxX - minX }

  /// `ymin 3, xmin 4, ymax 10, xmax 12`.
  public var description: String { zip(["ymin", "xmin", "ymax", "xmax"], edges).map { "\($0) \($1)" }.joined(separator: ", ") }

  /// ymin, xmin, ymax, xmax in full precision, whole numbers without a point.
  package var edges: [String] { [minY, minX, maxY, maxX].map { edge in Int(exactly: edge).map { "\($0)" } ?? "\(edge)" } }

  /// What makes the rectangle unusable for a picture of that size; nil when at least a part of it lies in the picture.
  ///
  /// - Parameter picture: its width and height.
  public func problem(in picture: (width: Int, height: Int)) -> String? {
    guard [minY, minX, maxY, maxX].allSatisfy(\.isFinite) else { return "has an edge that is no number" }
    guard [minY, minX, maxY, maxX].allSatisfy({ abs($0) <= PictureWindow.farthest }) else {
      return "has an edge farther away than \(Int(PictureWindow.farthest)) pixels"
    }
    guard minY <= maxY, minX <= maxX else { return "is reversed: its minimum lies behind its maximum" }
    guard minY < maxY, minX < maxX else { return "has no area" }
    guard minY < Double(picture.height), minX < Double(picture.width), maxY > 0, maxX > 0 else {
      return "lies outside of the picture, which has \(picture.height) rows and \(picture.width) columns"
    }
    return nil
  }

  /// The part that lies in the picture.
  ///
  /// - Parameter picture: its width and height.
  public func clipped(to picture: (width: Int, height: Int)) -> PictureWindow {
    func inside(_ value: Double, _ extent: Int) -> Double { min(max(value, 0), Double(extent)) }
    return PictureWindow(
      minY: inside(minY, picture.height), minX: inside(minX, picture.width), maxY: inside(maxY, picture.height),
      maxX: inside(maxX, picture.width))
  }
}
