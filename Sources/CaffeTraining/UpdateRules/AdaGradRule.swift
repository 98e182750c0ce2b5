import CaffeFormat

/// AdaGrad: h += g², w −= rate·g / (√h + delta) (Caffe 1.0; Duchi et al., JMLR 2011).
struct AdaGradRule: UpdateRule {
  static let type = "AdaGrad"
  static let historyCount = 1
  private let delta: Float

  init(_ parameter: SolverParameter) throws(SolverError) {
    try UpdateRules.refuseMomentum(parameter)
    delta = parameter.delta
  }

  func update(_ block: UpdateBlock) {
    let history = block.history[0]
    for i in 0..<block.count {
      let gradient = block.gradient(i)
      history[i] += gradient * gradient
      block.data[i] -= block.rate * gradient / (history[i].squareRoot() + delta)
      block.diff[i] = 0
    }
  }
}
