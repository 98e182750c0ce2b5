import CaffeCore
import CaffeGraph

/// A blob that covers some of another's axes and repeats along the others: the factors of Scale, the shifts of Bias.
struct Broadcast {
  /// The first axis that is covered.
  let axis: Int
  /// How many are; −1 for all from `axis` on, 0 for a scalar.
  let numAxes: Int
  /// What messages call the blob.
  let name: String

  /// - Throws: `LayerError` for a number of axes that means nothing.
  init(axis: Int, numAxes: Int, name: String) throws(LayerError) {
    guard numAxes >= -1 else { throw LayerError("num_axes must be -1 or more", field: "num_axes") }
    (self.axis, self.numAxes, self.name) = (axis, numAxes, name)
  }

  /// The blob's shape: that of the axes it covers, or of the second bottom, whose own axes then count.
  ///
  /// - Throws: `ShapeError` when it does not fit the first.
  func shape(_ bottoms: [Shape]) throws(ShapeError) -> Shape {
    let given = bottoms.count > 1 ? bottoms[1] : nil
    let numAxes = given?.rank ?? numAxes
    let axis = numAxes == 0 ? 0 : try bottoms[0].canonical(axis: axis)
    let end = numAxes == -1 ? bottoms[0].rank : axis + numAxes
    guard end <= bottoms[0].rank else {
      throw ShapeError("a \(name) of \(numAxes) axes from axis \(axis) on does not fit a bottom of \(bottoms[0].rank) axes")
    }
    let shape = Shape(Array(bottoms[0].dims[axis..<end]))
    if let given, given != shape { throw ShapeError("the \(name) has shape \(given) where \(shape) is needed") }
    return shape
  }

  /// Calls `body` with each element of the blob and a run of the bottom's elements that share it.
  func eachRun(_ bottom: Shape, _ blob: Shape, _ body: (_ place: Int, _ run: Range<Int>) -> Void) {
    let inner = inner(bottom, blob)
    guard inner > 0, blob.count > 0 else { return }
    for run in 0..<bottom.count / inner { body(run % blob.count, run * inner..<(run + 1) * inner) }
  }

  /// Elements after the covered axes.
  private func inner(_ bottom: Shape, _ blob: Shape) -> Int {
    guard blob.rank > 0, let axis = try? bottom.canonical(axis: axis) else { return bottom.count }
    return bottom.count(from: axis + blob.rank)
  }
}
