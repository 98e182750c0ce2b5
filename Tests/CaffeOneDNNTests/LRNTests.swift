import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Local response normalisation on blocked images")
struct LRNTests {
  /// Whether this CPU has the kernel; elsewhere the library's is compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }

  private static func net(_ parameters: String, _ shape: Shape) throws -> SampleNet {
    try SampleNet(
      "force_backward: true\n" + LayerCheck.net("type: 'LRN' lrn_param { \(parameters) }", ["x": shape]), phase: .TRAIN,
      seeds: ["y"])
  }

  private static func names(_ plan: ExecutionPlan) -> [String] {
    plan.steps.filter { $0.kind == .forward || $0.kind == .backward }.map(\.kernel.implementation)
  }

  @Test("agrees with the reference on random sizes, channels, windows, batches and threads, forward and backward")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 12, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let backend = try OneDNNBackend()
    for run in 0..<20 {
      let shape: Shape = [pick(1...3), pick(1...70), pick(1...12), pick(1...12)]
      let size = 2 * (run % 5) + 1
      let parameters = "local_size: \(size) alpha: \(Float(pick(0...30)) / 10) beta: 0.75 k: \(Float(pick(1...30)) / 10)"
      let net = try Self.net(parameters, shape)
      let plan = try net.plan(.training, [backend], threads: pick(1...4))
      if Self.isAvailable { #expect(Self.names(plan).allSatisfy { $0.hasPrefix("lrn:") }, "\(Self.names(plan))") }
      let (fast, plain) = (try net.session(plan), try net.session(net.plan(.training, [])))
      for session in [fast, plain] {
        try session.forward()
        try session.backward()
      }
      let tolerance = Tolerance(absolute: 1e-6, relative: 2e-5)
      let found =
        tolerance.mismatches(fast.observedTops, plain.observedTops, "")
        + (try tolerance.mismatches(fast.gradients(), plain.gradients(), "gradient of "))
      #expect(found == [], "\(shape) \(parameters)")
    }
  }

  @Test("takes values whose squares are too large for a number, and passes on what is none")
  func extremes() throws {
    let net = try Self.net("local_size: 3 alpha: 1 beta: 0.75", [1, 16, 1, 1])
    let session = try net.session(net.plan(.inference, [try OneDNNBackend()]))
    try session.setInput("x", Tensor([1, 16, 1, 1], values: [1e30, 1, 0, 0, .nan, 0, 0] + [Float](repeating: 1, count: 9)))
    try session.forward()
    let y = try #require(session.observedTops["y"]?.values)
    #expect(y[0] < 100 && y[1] < 1e-20 && y[2] == 0)
    #expect(y[3].isNaN && y[4].isNaN && y[5].isNaN && y[6] == 0)
    #expect(y[8...14].allSatisfy { abs($0 - 0.5946036) < 1e-6 })
  }

  @Test("is left to others for another exponent, a wide window, k = 0, and sums that are subtracted")
  func leftOut() throws {
    for parameters in ["beta: 0.5", "local_size: 11", "k: 0", "alpha: -0.1"] {
      let net = try Self.net(parameters, [1, 32, 8, 8])
      let plan = try net.plan(.training, [try OneDNNBackend()])
      #expect(!Self.names(plan).contains { $0.hasPrefix("lrn:") }, "\(parameters)")
      for fast in [try net.session(plan), try net.session(net.plan(.inference, [try OneDNNBackend()]))] {
        let plain = try net.session(net.plan(.inference, []))
        for session in [fast, plain] { try session.forward() }
        #expect(
          Tolerance(absolute: 1e-6, relative: 1e-4).mismatches(fast.observedTops, plain.observedTops, "") == [], "\(parameters)")
      }
    }
  }
}
