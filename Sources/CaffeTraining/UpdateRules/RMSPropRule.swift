import CaffeFormat

/// RMSProp: h = d·h + (1 − d)·g² with d = rms_decay, w −= rate·g / (√h + delta) (Caffe 1.0; Tieleman and Hinton, 2012).
struct RMSPropRule: UpdateRule {
  static let type = "RMSProp"
  static let historyCount = 1
  private let decay: Float
  private let delta: Float

  init(_ parameter: SolverParameter) throws(SolverError) {
    try UpdateRules.refuseMomentum(parameter)
    guard (0..<1).contains(parameter.rmsDecay) else {
      throw SolverError("rms_decay is \(parameter.rmsDecay); it must be at least 0 and below 1", field: "rms_decay")
    }
    (decay, delta) = (parameter.rmsDecay, parameter.delta)
  }

  func update(_ block: UpdateBlock) {
    let history = block.history[0]
    for i in 0..<block.count {
      let gradient = block.gradient(i)
      history[i] = decay * history[i] + (1 - decay) * gradient * gradient
      block.data[i] -= block.rate * gradient / (history[i].squareRoot() + delta)
      block.diff[i] = 0
    }
  }
}
