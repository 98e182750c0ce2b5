import CaffeCore
import CaffePlan
import CaffeTesting
import Testing

@Suite("Work shared out in pieces")
struct SharingTests {
  private static let layers: [(String, Shape)] = [
    ("type: 'BNLL'", [3, 5, 7]), ("type: 'Dropout' dropout_param { dropout_ratio: 0.3 }", [3, 5, 7]),
    ("type: 'MVN'", [3, 4, 6, 5]), ("type: 'LRN' lrn_param { norm_region: WITHIN_CHANNEL local_size: 3 }", [2, 3, 5, 6]),
    ("type: 'Pooling' pooling_param { pool: STOCHASTIC kernel_size: 2 stride: 2 }", [3, 4, 6, 5]),
    ("type: 'PReLU'", [4, 3, 5]), ("type: 'Softmax'", [4, 7, 3]),
  ]

  @Test("gives the reference's results to the last bit, whatever the threads", arguments: layers)
  func equality(layer: String, shape: Shape) throws {
    let net = try SampleNet(LayerCheck.net(layer, ["x": shape]) + "force_backward: true", phase: .TRAIN, seeds: ["y"])
    let values: [String: SampleValues] = ["x": .uniform(0...2)]
    let expected = try Self.run(net, [], 1, values)
    for threads in [1, 2, 5] {
      let actual = try Self.run(net, [SharingBackend(worth: 8)], threads, values)
      #expect(Tolerance.exact.mismatches(actual, expected) == [], "\(threads) threads")
    }
  }

  private static func run(
    _ net: SampleNet, _ backends: [any Backend], _ threads: Int, _ values: [String: SampleValues]
  ) throws -> [String: Tensor] {
    let plan = try net.plan(.training, backends, threads: threads)
    if !backends.isEmpty { #expect(plan.steps.contains { $0.kernel.implementation.hasPrefix("shared") }) }
    let session = try net.session(plan, values: values)
    try session.forward()
    try session.backward()
    return session.observedTops.merging(try session.gradients()) { a, _ in a }
  }
}
