import CaffeFormat

/// Stochastic gradient descent with momentum: h = µ·h + rate·g, w −= h.
struct SGDRule: UpdateRule {
  static let type = "SGD"
  static let historyCount = 1
  private let momentum: Float

  init(_ parameter: SolverParameter) { momentum = parameter.momentum }

  func update(_ block: UpdateBlock) {
    let history = block.history[0]
    for i in 0..<block.count {
      history[i] = momentum * history[i] + block.rate * block.gradient(i)
      block.data[i] -= history[i]
      block.diff[i] = 0  // the next pass adds to it
    }
  }
}
