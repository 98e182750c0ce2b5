import CaffeCore
import CaffeGraph

/// A box that a person has drawn, and what is in it.
struct GroundTruth: Sendable {
  let item: Int
  let label: Int
  let box: Box
  /// Marked as hard to see.
  let isDifficult: Bool

  /// The boxes of a blob 1×1×G×8 with rows item, label, instance, xmin, ymin, xmax, ymax, difficult. Rows of item −1
  /// fill the blob up and are passed over; so is a row that names no item or no class, which is reported.
  ///
  /// - Parameters:
  ///   - items: how many items there are; nil where any number may be one.
  ///   - classes: how many classes there are; nil where any number may be one.
  static func all(
    _ blob: TensorView, items: Int?, classes: Int?, background: Int, _ title: String, _ faults: FaultLog
  ) -> [GroundTruth] {
    (0..<blob.count / 8).compactMap { row in
      let values = blob.pointer + 8 * row
      if values[0] == -1 { return nil }
      guard let item = wholeNumber(values[0], below: items ?? Int(Int32.max)) else {
        faults.report("\(title): row \(row) of the ground truth is for item \(values[0]) of \(items ?? 0) (from 0 on)")
        return nil
      }
      guard let label = objectClass(values[1], classes, background) else {
        faults.report("\(title): row \(row) of the ground truth has label \(values[1]), which is no class of objects")
        return nil
      }
      return GroundTruth(item: item, label: label, box: Box(at: values + 3), isDifficult: values[7] != 0)
    }
  }
}

/// The class of objects that a number names: one of `classes`, and not the background.
func objectClass(_ value: Float, _ classes: Int?, _ background: Int) -> Int? {
  wholeNumber(value, below: classes ?? Int(Int32.max)).flatMap { $0 == background ? nil : $0 }
}

/// The number of priors in a blob 1×2×4P.
///
/// - Throws: `ShapeError` when the blob has another shape.
func priorCount(_ shape: Shape) throws(ShapeError) -> Int {
  guard shape.rank >= 3, shape[0] == 1, shape[1] == 2, shape.count(from: 2) > 0, shape.count(from: 2) % 4 == 0 else {
    throw ShapeError("the priors need the shape 1x2x4P, found \(shape)")
  }
  return shape.count(from: 2) / 4
}

/// Checks that each item of a blob holds `numbers` numbers for each of some priors.
///
/// - Throws: `ShapeError` that calls them by what they are.
func checkPredictions(_ shape: Shape, priors: Int, each numbers: Int, _ what: String) throws(ShapeError) {
  guard shape.rank >= 2, shape.count(from: 1) % numbers == 0, shape.count(from: 1) / numbers == priors else {
    throw ShapeError("\(priors) priors need \(numbers) \(what) each in an item, found \(shape)")
  }
}
