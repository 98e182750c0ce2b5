import CaffeFormat

/// Adam with β₁ = momentum, β₂ = momentum2: m = β₁·m + (1 − β₁)·g, v = β₂·v + (1 − β₂)·g²,
/// w −= rate·c·m / (√v + delta) with c = √(1 − β₂ᵗ) / (1 − β₁ᵗ) (Caffe 1.0, delta outside the root; Kingma and Ba, ICLR 2015).
struct AdamRule: UpdateRule {
  static let type = "Adam"
  static let historyCount = 2
  private let moments: AdamMoments

  init(_ parameter: SolverParameter) throws(SolverError) { moments = try AdamMoments(parameter) }

  func update(_ block: UpdateBlock) {
    let rate = block.rate * moments.correction(block.iteration)
    for i in 0..<block.count {
      block.data[i] -= rate * moments.step(block, i, gradient: block.gradient(i))
      block.diff[i] = 0
    }
  }
}

/// The two moving means of Adam and its relatives.
struct AdamMoments {
  private let first: Float
  private let second: Float
  private let delta: Float

  /// - Throws: `SolverError` when momentum or momentum2 is not in 0 ..< 1.
  init(_ parameter: SolverParameter) throws(SolverError) {
    for (name, value) in [("momentum", parameter.momentum), ("momentum2", parameter.momentum2)] {
      guard (0..<1).contains(value) else {
        throw SolverError("\(name) is \(value); it must be at least 0 and below 1", field: name)
      }
    }
    (first, second, delta) = (parameter.momentum, parameter.momentum2, parameter.delta)
  }

  /// What makes up for means that began at 0.
  func correction(_ iteration: Int) -> Float {
    let (first, second) = (power(first, iteration + 1), power(second, iteration + 1))
    return Float((1 - second).squareRoot() / (1 - first))
  }

  /// Takes a gradient into the means of element `i`.
  ///
  /// - Returns: m / (√v + delta).
  @inline(__always)
  func step(_ block: UpdateBlock, _ i: Int, gradient: Float) -> Float {
    let (m, v) = (block.history[0], block.history[1])
    m[i] = first * m[i] + (1 - first) * gradient
    v[i] = second * v[i] + (1 - second) * gradient * gradient
    return m[i] / (v[i].squareRoot() + delta)
  }

  private func power(_ base: Float, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, Double(base), exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
