import CaffeCore
import CaffeGraph

/// The label a float stands for: cut to a whole number, as Caffe reads it; nil for NaN and what no label can be.
func label(_ value: Float) -> Int? { Int(exactly: value.rounded(.towardZero)) }

/// The index a float stands for, where it is one of `bound`.
func wholeNumber(_ value: Float, below bound: Int) -> Int? {
  label(value).flatMap { (0..<bound).contains($0) ? $0 : nil }
}

/// The class a label names; where it names none, that is reported.
func ownClass(_ value: Float, _ classes: Int, _ title: String, _ faults: FaultLog) -> Int? {
  let own = wholeNumber(value, below: classes)
  if own == nil {
    let name = label(value).map(String.init) ?? "\(value)"
    faults.report("\(title): label \(name) names none of the \(classes) classes (0 to \(classes - 1))")
  }
  return own
}

/// The number of items of a loss whose second bottom has one label for each item of the first.
///
/// - Throws: `ShapeError` when there are more or fewer labels, or no item has anything to be compared.
func labelledItems(_ bottoms: [Shape]) throws(ShapeError) -> Int {
  guard bottoms[0].rank > 0, bottoms[0].count(from: 1) > 0 else {
    throw ShapeError("needs a first bottom NxC with at least 1 class, found \(bottoms[0])")
  }
  guard bottoms[1].count == bottoms[0][0] else {
    throw ShapeError("\(bottoms[0][0]) items need \(bottoms[0][0]) labels, found \(bottoms[1])")
  }
  return bottoms[0][0]
}

/// Where Caffe stops the logarithm of losses that are given probabilities.
let smallestProbability: Float = 1e-20
