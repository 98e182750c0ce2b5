import CaffeFormat

/// Nesterov's accelerated gradient: h' = µ·h + rate·g, w −= (1 + µ)·h' − µ·h (Caffe 1.0; Sutskever et al., ICML 2013).
struct NesterovRule: UpdateRule {
  static let type = "Nesterov"
  static let historyCount = 1
  private let momentum: Float

  init(_ parameter: SolverParameter) { momentum = parameter.momentum }

  func update(_ block: UpdateBlock) {
    let history = block.history[0]
    for i in 0..<block.count {
      let before = history[i]
      history[i] = momentum * before + block.rate * block.gradient(i)
      block.data[i] -= (1 + momentum) * history[i] - momentum * before
      block.diff[i] = 0
    }
  }
}
