import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Convolutions of stride 4 by Winograd on phases")
struct PhasedTests {
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }

  private static func names(_ plan: ExecutionPlan) -> [String] {
    plan.steps.filter { $0.kind == .forward }.map(\.kernel.implementation)
  }

  @Test("agree with the reference on random sizes, pads, filters, channels, batches and threads, with bias and ReLU")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 41, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    var taken = 0
    for _ in 0..<16 {
      let kernel = [pick(9...12), pick(9...12)]
      let size = kernel.map { $0 + pick(40...90) }
      let window = "kernel_h: \(kernel[0]) kernel_w: \(kernel[1]) stride: 4 pad_h: \(pick(0...5)) pad_w: \(pick(0...5))"
      let parameters = "num_output: \(16 * pick(2...6)) bias_term: \(pick(0...2) > 0) \(window)"
      let net = try SampleNet(
        LayerCheck.net(
          "type: 'Convolution' convolution_param { \(parameters) }", ["x": [pick(1...3), pick(1...4), size[0], size[1]]])
          + (pick(0...1) == 0 ? "\nlayer { name: 'r' type: 'ReLU' bottom: 'y' top: 'y' relu_param { negative_slope: 0.1 } }" : "")
      )
      let fast = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: pick(1...4)))
      let names = Self.names(fast.plan)
      if names.contains(where: { $0.hasSuffix(" of \(kernel[0])x\(kernel[1]) stride 4") }) { taken += 1 }
      let plain = try net.session(net.plan(.inference, []))
      for session in [fast, plain] { try session.forward() }
      #expect(
        Tolerance(absolute: 1e-4, relative: 1e-4).mismatches(fast.observedTops, plain.observedTops, "") == [],
        "\(parameters) on \(size): \(names)")
    }
    if Self.isAvailable { #expect(taken >= 8, "only \(taken) of 16 were taken") }
  }

  @Test("have the same bits for any number of threads, write between a Concat's other channels, and give back their filters")
  func bits() throws {
    let sizes = "num_output: 32 kernel_size: 11 stride: 4"
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 3 dim: 75 dim: 91 } } }
      layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { \(sizes) } }
      layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { \(sizes) pad: 0 } }
      layer { name: 'c' type: 'Concat' bottom: 'a' bottom: 'b' top: 'c' }
      """)
    let results = try [1, 2, 3].map { threads in
      let session = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: threads))
      if Self.isAvailable {
        #expect(Self.names(session.plan).allSatisfy { $0.hasPrefix("winograd:") }, "\(Self.names(session.plan))")
      }
      try session.forward()
      return session
    }
    #expect(results.allSatisfy { $0.observedTops == results[0].observedTops })
    for (index, parameter) in net.parameters.enumerated() {
      let kept = try #require(try results[0].weights.tensor(ofParameter: index))
      #expect(zip(kept.values, parameter.values).allSatisfy { abs($0 - $1) < 1e-5 })
    }
  }

  @Test("are the library's where Winograd is switched off, in training, and for other strides, filters and groups")
  func leftOut() throws {
    func plan(_ parameters: String, _ channels: Int = 3, purpose: Purpose = .inference, without: Set<String> = []) throws
      -> [String]
    {
      let net = try SampleNet(
        LayerCheck.net("type: 'Convolution' convolution_param { num_output: 32 \(parameters) }", ["x": [1, channels, 99, 99]]),
        phase: .TRAIN, seeds: ["y"])
      return Self.names(try net.plan(purpose, [try OneDNNBackend()], without: without))
    }
    let names = [
      try plan("kernel_size: 11 stride: 4", without: [Passes.winograd]),
      try plan("kernel_size: 11 stride: 4", purpose: .training),
      try plan("kernel_size: 11 stride: 3"), try plan("kernel_size: 8 stride: 4"), try plan("kernel_size: 13 stride: 4"),
      try plan("kernel_size: 11 stride: 4", 5), try plan("kernel_size: 11 stride: 4 group: 2", 4),
      try plan("kernel_size: 11 stride: 4 dilation: 2"),
    ]
    #expect(names.allSatisfy { $0.allSatisfy { !$0.contains("winograd") } }, "\(names)")
  }
}
