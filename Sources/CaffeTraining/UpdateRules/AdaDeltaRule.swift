import CaffeFormat

/// AdaDelta with µ = momentum: a = µ·a + (1 − µ)·g², s = g·√((delta + b) / (delta + a)), b = µ·b + (1 − µ)·s², w −= rate·s
/// (Caffe 1.0; Zeiler, arXiv:1212.5701).
struct AdaDeltaRule: UpdateRule {
  static let type = "AdaDelta"
  static let historyCount = 2
  private let momentum: Float
  private let delta: Float

  init(_ parameter: SolverParameter) { (momentum, delta) = (parameter.momentum, parameter.delta) }

  func update(_ block: UpdateBlock) {
    let (gradients, steps) = (block.history[0], block.history[1])
    for i in 0..<block.count {
      let gradient = block.gradient(i)
      gradients[i] = momentum * gradients[i] + (1 - momentum) * gradient * gradient
      let step = gradient * ((delta + steps[i]) / (delta + gradients[i])).squareRoot()
      steps[i] = momentum * steps[i] + (1 - momentum) * step * step
      block.data[i] -= block.rate * step
      block.diff[i] = 0
    }
  }
}
