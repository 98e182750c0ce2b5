import CaffeCore
import CaffeGraph

/// Keeps the items whose selector is not 0: y holds, in order, the x[i] with selector[i] ≠ 0.
///
/// The last bottom is the selector; every other bottom has a top of its own. How many items the tops have depends on the selector's
/// values: what reads them is planned for the number seen. The selector gets no gradient.
///
/// ```prototxt
/// # x: 4x3
/// # keep: 4 labels 2
/// layer { name: "kept" type: "Filter" bottom: "x" bottom: "keep" top: "y" }
/// ```
public struct FilterLayer: Layer {
  public static let type = "Filter"
  public static let bottoms = 2...Int.max
  public static let tops = 1...Int.max
  private let bottomCount: Int

  public init(_ parameters: NoParameters, in context: LayerContext) throws(LayerError) {
    guard context.topCount == context.bottomCount - 1 else {
      throw LayerError(
        "needs a top for every bottom but the selector: \(context.bottomCount - 1), \(context.topCount) given", field: "top")
    }
    bottomCount = context.bottomCount
  }

  /// N×… each, and a selector (N) or N×1×… → K×… each, with K ≤ N items kept. Saved: the kept items' numbers, −1 behind them.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard let selector = bottoms.last, selector.rank > 0, selector.count == selector[0] else {
      throw ShapeError("the selector (the last bottom) holds one number an item")
    }
    for bottom in bottoms.dropLast() where bottom.dims.first != selector[0] {
      throw ShapeError("the selector has \(selector[0]) items where another bottom has shape \(bottom)")
    }
    let tops = Array(bottoms.dropLast())
    return LayerSignature(tops: tops, saved: [[selector[0]]], varyingTops: Set(tops.indices))
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index < bottomCount - 1 }

  public func forward(_ io: ForwardIO) {
    guard let selector = io.bottoms.last else { return }
    let kept = (0..<selector.count).filter { selector[$0] != 0 }
    for place in 0..<selector.count { io.saved[0][place] = place < kept.count ? Float(kept[place]) : -1 }
    for (index, (x, y)) in zip(io.bottoms, io.tops).enumerated() {
      let size = x.shape.count(from: 1)
      for (place, item) in kept.enumerated() {
        (y.pointer + place * size).update(from: x.pointer + item * size, count: size)
      }
      (y.pointer + kept.count * size).update(repeating: 0, count: y.count - kept.count * size)
      io.setShape(y.shape.replacing(axis: 0, with: kept.count), ofTop: index)
    }
  }

  /// dx[i] is the gradient of the item's copy, 0 for items left out.
  public func backward(_ io: BackwardIO) {
    for (dx, dy) in zip(io.bottomDiffs, io.topDiffs) {
      guard let dx else { continue }
      let size = dx.shape.count(from: 1)
      dx.fill(0)
      for place in 0..<io.saved[0].count where io.saved[0][place] >= 0 {
        (dx.pointer + Int(io.saved[0][place]) * size).update(from: dy.pointer + place * size, count: size)
      }
    }
  }
}
