import CaffeCore
import CaffeTraining
import Testing

/// Rules that Caffe has are compared with Caffe's own weights in SolverConformanceTests.
@Suite("Update rules")
struct UpdateRuleTests {
  /// All weights before training and after some steps.
  private func weights(_ settings: String, steps: Int) throws -> (before: [Float], after: [Float]) {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 10 \(settings)")
    func all() throws -> [Float] {
      try solver.net.session.weights.weightSet().layers.flatMap { $0.blobs.flatMap(\.tensor.values) }
    }
    let before = try all()
    try solver.step(steps)
    return (before, try all())
  }

  @Test("AdamW without decay is Adam")
  func adamWWithoutDecay() throws {
    let adam = try weights("type: 'Adam' momentum: 0.9", steps: 3)
    #expect(try weights("type: 'AdamW' momentum: 0.9", steps: 3).after == adam.after)
    #expect(adam.after != adam.before)
  }

  @Test("AdamW takes decay from the weight itself, at the learning rate")
  func adamWDecay() throws {
    let plain = try weights("type: 'AdamW' momentum: 0.9", steps: 1)
    let decayed = try weights("type: 'AdamW' momentum: 0.9 weight_decay: 0.1", steps: 1)
    for (index, weight) in plain.before.enumerated() {
      #expect(abs(decayed.after[index] - (plain.after[index] - 0.05 * 0.1 * weight)) < 1e-7)
    }
  }

  @Test(
    "refuse settings they have no use for",
    arguments: [
      ("type: 'AdaGrad' momentum: 0.9", "AdaGrad has no momentum; it is 0.9"),
      ("type: 'RMSProp' momentum: 0.5", "RMSProp has no momentum; it is 0.5"),
      ("type: 'RMSProp' rms_decay: 1", "rms_decay is 1.0; it must be at least 0 and below 1"),
      ("type: 'Adam' momentum: 1", "momentum is 1.0; it must be at least 0 and below 1"),
      ("type: 'AdamW' momentum2: -0.1", "momentum2 is -0.1; it must be at least 0 and below 1"),
    ])
  func refuse(settings: String, message: String) throws {
    let error = #expect(throws: SolverError.self) { try SmallTraining().solver("max_iter: 1 \(settings)") }
    #expect(error?.description.hasPrefix(message) == true)
  }

  @Test("give the same weights when they are resumed", arguments: ["Nesterov", "AdaDelta", "Adam", "AdamW"])
  func resumed(type: String) throws {
    let settings = "type: '\(type)' momentum: 0.9 weight_decay: 0.01 max_iter: 6 snapshot: 3 snapshot_after_train: false"
    let whole = try SmallTraining()
    try whole.solver(settings).solve()
    let first = try whole.solver(settings, from: "small_iter_3.solverstate")
    try first.step(3)
    let straight = try whole.solver(settings)
    try straight.step(6)
    let ends = try [first, straight].map {
      try $0.net.session.weights.weightSet().layers.flatMap { $0.blobs.flatMap(\.tensor.values) }
    }
    #expect(ends[0] == ends[1])
  }
}
