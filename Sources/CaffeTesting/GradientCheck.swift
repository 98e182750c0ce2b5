import CaffeCore
import CaffeGraph
import CaffePlan

/// Compares gradients with differences of the objective Σ seed · output, by the rules of Caffe's own checker.
struct GradientCheck {
  private static let step: Float = 1e-2
  private static let threshold: Double = 1e-3

  private let net: CheckedNet

  init(_ net: CheckedNet) { self.net = net }

  func failures() throws -> [String] {
    guard net.graph.gradients.hasGradient else { return [] }
    let session = try net.session([], purpose: .training)
    try session.forward()
    for (name, seed) in net.seeds { try session.setOutputDiff(name, seed) }
    try session.backward()
    var (failures, checked) = ([String](), 0)
    for name in net.inputs.keys.sorted() {
      guard let memory = session.input(name), let gradient = session.inputDiff(name) else { continue }
      try compare("input \(name)", memory, gradient.values, kinks: net.check.kinks, session, &failures, &checked)
    }
    for weight in session.weights.trained {
      let title = "parameter \(net.graph.parameters[weight.parameter].index)"
      try compare(title, weight.data, Array(weight.diff), kinks: [], session, &failures, &checked)
    }
    return checked > 0 ? failures : ["no element is far enough from a kink to check its gradient"]
  }

  private func compare(
    _ title: String, _ memory: UnsafeMutableBufferPointer<Float>, _ gradient: [Float], kinks: [Float], _ session: Session,
    _ failures: inout [String], _ checked: inout Int
  ) throws {
    for index in memory.indices {
      let value = memory[index]
      if kinks.contains(where: { abs(value - $0) <= 2 * GradientCheck.step }) { continue }
      memory[index] = value + GradientCheck.step
      let above = try objective(session)
      memory[index] = value - GradientCheck.step
      let below = try objective(session)
      memory[index] = value
      let estimate = (above - below) / Double(value + GradientCheck.step - (value - GradientCheck.step))
      let scale = max(1, abs(Double(gradient[index])), abs(estimate))
      checked += 1
      if !(abs(Double(gradient[index]) - estimate) <= GradientCheck.threshold * scale) {
        failures.append("the gradient of \(title) at \(index) is \(gradient[index]), by differences \(estimate)")
      }
    }
  }

  private func objective(_ session: Session) throws -> Double {
    session.iteration = 0  // the same random draws each time
    session.resetState()
    try session.forward()
    var sum = 0.0
    for (top, weight) in zip(net.node.tops, net.node.lossWeights) where weight != 0 {
      sum += Double(weight) * (session.output(ofValue: top)?.values.reduce(0.0) { $0 + Double($1) } ?? 0)
    }
    for (name, seed) in net.seeds {
      guard let output = session.output(name) else { continue }
      sum += zip(output.values, seed.values).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }
    return sum
  }
}
