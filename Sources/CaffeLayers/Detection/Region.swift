import CaffeCore
import CaffeGraph

/// A row of a blob of regions: the image it lies in and its corners, in pixels of the net's input.
struct Region {
  let image: Int
  let x1, y1, x2, y2: Float

  /// Refuses a blob that does not hold regions: R×5, or R×5×1×1 as older files have it.
  ///
  /// - Throws: `ShapeError` that shows the shape.
  static func check(_ shape: Shape) throws(ShapeError) {
    guard shape.rank >= 2, shape[1] == 5, shape.count(from: 2) == 1 else {
      throw ShapeError("the regions need a shape Rx5 (image, x1, y1, x2, y2), found \(shape)")
    }
  }

  /// The region in a row; nil where it names no image of the batch or a corner is no number, which is reported.
  init?(_ row: Int, of regions: TensorView, images: Int, title: String = "", faults: FaultLog? = nil) {
    let values = regions.pointer + row * 5
    guard let image = wholeNumber(values[0], below: images) else {
      faults?.report("\(title): region \(row) lies in image \(values[0]) of \(images) (0 to \(images - 1))")
      return nil
    }
    guard (1...4).allSatisfy({ values[$0].isFinite }) else {
      faults?.report("\(title): region \(row) has the corners \(values[1]), \(values[2]) and \(values[3]), \(values[4])")
      return nil
    }
    self.image = image
    (x1, y1, x2, y2) = (values[1], values[2], values[3], values[4])
  }
}

/// The whole number a float stands for, cut at ±2³⁰, where no image reaches; 0 for NaN.
func wholeNumber(clamping value: Float) -> Int {
  value.isNaN ? 0 : Int(max(-0x1p30, min(0x1p30, value)))
}
