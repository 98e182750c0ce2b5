import CaffeCore
import CaffeGraph

/// Picks items by number: y[i] = x[index[i]]; an item may be picked several times, or not at all. The numbers get no gradient.
///
/// ```prototxt
/// # x: 3x2x4
/// # index: 5 labels 3
/// layer { name: "pick" type: "BatchReindex" bottom: "x" bottom: "index" top: "y" }
/// ```
///
/// - Difference: a number that names no item ends the pass with an error; Caffe 1.0 ends the process.
public struct BatchReindexLayer: Layer {
  public static let type = "BatchReindex"
  public static let bottoms = 2...2
  public static let tops = 1...1
  private let title: String

  public init(_ parameters: NoParameters, in context: LayerContext) { title = context.definition.title }

  /// N×… and numbers (M) → M×…
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank > 0 else { throw ShapeError("needs a first bottom with at least 1 axis") }
    guard bottoms[1].rank == 1 else { throw ShapeError("the numbers of items need 1 axis, found \(bottoms[1])") }
    let top = try Shape(validating: bottoms[0].replacing(axis: 0, with: bottoms[1][0]).dims)
    return LayerSignature(tops: [top], backwardReads: [.bottom(1)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index == 0 }

  public func forward(_ io: ForwardIO) {
    let (x, numbers, y) = (io.bottoms[0], io.bottoms[1], io.tops[0])
    let (items, count) = (x.shape[0], x.shape.count(from: 1))
    for index in 0..<numbers.count {
      if let item = wholeNumber(numbers[index], below: items) {
        (y.pointer + index * count).update(from: x.pointer + item * count, count: count)
      } else {
        (y.pointer + index * count).update(repeating: 0, count: count)
        io.faults.report("\(title): \(numbers[index]) at \(index) names none of the \(items) items (0 to \(items - 1))")
      }
    }
  }

  /// dx[j] = Σ dy[i] over the i with index[i] = j
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (numbers, dy, count) = (io.bottoms[1], io.topDiffs[0], dx.shape.count(from: 1))
    dx.fill(0)
    for index in 0..<numbers.count {
      guard let item = wholeNumber(numbers[index], below: dx.shape[0]) else { continue }
      for i in 0..<count { dx[item * count + i] += dy[index * count + i] }
    }
  }
}
