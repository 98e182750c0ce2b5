import CaffeFormat

/// AdamW, beyond Caffe: Adam on the bare gradient, with weight decay taken from the weight itself,
/// w −= rate·(c·m / (√v + delta) + decay·w) (Loshchilov and Hutter, ICLR 2019).
struct AdamWRule: UpdateRule {
  static let type = "AdamW"
  static let historyCount = 2
  private let moments: AdamMoments

  init(_ parameter: SolverParameter) throws(SolverError) { moments = try AdamMoments(parameter) }

  func update(_ block: UpdateBlock) {
    let rate = block.rate * moments.correction(block.iteration)
    for i in 0..<block.count {
      let step = moments.step(block, i, gradient: block.diff[i] * block.gradientScale)
      block.data[i] -= rate * step + block.rate * block.decay * block.pull(i)
      block.diff[i] = 0
    }
  }
}
