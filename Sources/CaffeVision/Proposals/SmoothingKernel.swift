import Foundation

/// Weights for smoothing a plane, and for its slope: a Gaussian curve and its derivative.
///
/// They are multiples of a power of two, far coarser than what mathematics libraries differ by. As long as pixels, the weights
/// along rows and those along columns have no more bits together than a number, filtered bytes are exact.
struct SmoothingKernel: Sendable {
  /// Of −radius … radius; they add up to 1.
  let weights: [Double]
  /// Of −radius … radius: each weight times its place. A plane of one value has no slope at all.
  let slopes: [Double]

  /// - Parameters:
  ///   - sigma: the curve's standard deviation in pixels; 0 leaves a plane as it is.
  ///   - bits: of the weights, behind the point.
  init(sigma: Float, bits: Int) {
    let radius = Int((Double(sigma) * 4).rounded())
    let places = (-radius...radius).map { Double($0) }
    let curve = places.map { place in sigma > 0 ? exp(-place * place / (2 * Double(sigma) * Double(sigma))) : 1 }
    let one = Double(1 << bits)
    let total = curve.reduce(0, +)
    var units = curve.map { ($0 / total * one).rounded() }
    units[radius] += one - units.reduce(0, +)
    weights = units.map { $0 / one }
    slopes = zip(places, units).map { $0 * $1 / one }
  }
}
