import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Scale, ReLU and PReLU of each channel by itself")
struct ChannelwiseTests {
  /// Whether images lie in blocks that there is a kernel for; elsewhere the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }
  private static let tolerance = Tolerance(absolute: 1e-5, relative: 1e-5)

  /// Layers behind a pooling `x` of a convolution, which lies in blocks.
  private static func net(_ channels: Int, batch: Int, _ height: Int, _ width: Int, _ layers: String) -> String {
    """
    layer { name: 'in' type: 'Input' top: 'in' input_param { shape { dim: \(batch) dim: 5 dim: \(height) dim: \(width) } } }
    layer { name: 'c' type: 'Convolution' bottom: 'in' top: 'c' convolution_param { num_output: \(channels) kernel_size: 1 } }
    layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'x' pooling_param { pool: AVE kernel_size: 2 stride: 1 } }
    \(layers)
    """
  }

  private static func layer(_ name: String, _ type: String, _ parameters: String = "") -> String {
    "layer { name: '\(name)' type: '\(type)' bottom: 'x' top: 'x' \(parameters) }\n"
  }

  private static func scale(_ more: String) -> String { layer("s", "Scale", "scale_param { \(more) }") }

  /// The tops on some threads, where a step of that name runs by that kernel.
  ///
  /// - Returns: what differs from the reference.
  private static func differences(_ text: String, threads: Int, step: String, kernel: String) throws -> [String] {
    let net = try SampleNet(text)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: threads)
    let steps = plan.steps.map { "\($0.name): \($0.kernel.implementation)" }
    if isAvailable, !steps.contains(where: { $0.hasPrefix("\(step): \(kernel)") }) { return ["steps: \(steps)"] }
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [], without: Set(Passes.names))))
    for session in [fast, plain] { try session.forward() }
    return tolerance.mismatches(fast.observedTops, plain.observedTops, "")
  }

  @Test("agree with the reference on random images, channels, slopes, batches and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 41, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let bias = "bias_term: true"
    let relu = Self.layer("r", "ReLU", "relu_param { negative_slope: 0.25 }")
    for run in 0..<20 {
      let cases = [
        (Self.scale(""), "s", "scale"), (Self.scale(bias), "s", "scale"), (Self.scale(bias) + relu, "s + r", "scale"),
        (Self.layer("n", "BatchNorm") + Self.scale("") + relu, "n + s + r", "scale"),
        (Self.layer("a", "PReLU"), "a", "prelu"),
        (Self.layer("a", "PReLU", "prelu_param { channel_shared: true }"), "a", "prelu"),
      ]
      let (layers, step, kernel) = cases[run % cases.count]
      let text = Self.net(pick(1...70), batch: pick(1...3), pick(2...40), pick(2...40), layers)
      let found = try Self.differences(text, threads: pick(1...4), step: step, kernel: kernel)
      #expect(found == [], "\(text)")
    }
  }

  @Test("leave the lanes beyond the last channel zero, which the next convolution reads")
  func padding() throws {
    let next =
      "layer { name: 'y' type: 'Convolution' bottom: 'x' top: 'y' convolution_param { num_output: 20 kernel_size: 1 } }\n"
    for layers in [Self.scale("bias_term: true"), Self.layer("a", "PReLU", "prelu_param { channel_shared: true }")] {
      let net = try SampleNet(Self.net(20, batch: 1, 9, 9, layers + next))
      // 0 times what is endless would be no number.
      let tops = try [[try OneDNNBackend()], []].map { (backends: [any Backend]) in
        let weights = try ResidentWeights(net.plan(.inference, backends)) { index, destination in
          let spec = net.graph.parameters[index]
          let isEndless = spec.layer == "a" || (spec.layer == "s" && spec.index == 1)
          destination.update(repeating: isEndless ? .infinity : 1)
        }
        let session = try Session(weights)
        try session.setInput("in", Tensor([1, 5, 9, 9], values: [Float](repeating: 1, count: 405)))
        try session.forward()
        return try #require(session.output("y"))
      }
      #expect(tops[0] == tops[1])
      #expect(!tops[1].values.contains { $0.isNaN })
    }
  }

  @Test("keep what is no number")
  func notANumber() throws {
    for layers in [Self.scale("") + Self.layer("r", "ReLU"), Self.layer("a", "PReLU")] {
      let net = try SampleNet(Self.net(16, batch: 1, 3, 3, layers))
      let session = try net.session(net.plan(.inference, [try OneDNNBackend()]))
      try session.setInput("in", Tensor([1, 5, 3, 3], values: [Float](repeating: .nan, count: 45)))
      try session.forward()
      #expect(try #require(session.output("x")).values.allSatisfy { $0.isNaN })
    }
  }

  @Test("agree with the reference on dense memory of any axes, in place and not")
  func dense() throws {
    let relu = Self.layer("r", "ReLU")
    let scale = Self.scale("bias_term: true")
    for shape in [[3, 5], [2, 3, 7], [1, 3, 131, 127], [2, 24, 9, 9], [2, 4, 3, 5, 6], [1, 1, 200, 200]] as [Shape] {
      let dims = shape.dims.map { "dim: \($0)" }.joined(separator: " ")
      let input = "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { \(dims) } } }\n"
      let prelu = Self.layer("a", "PReLU")
      let other = prelu.replacing("top: 'x'", with: "top: 'y'")
      for (layers, step) in [
        (scale + relu, "s + r"), (Self.layer("n", "BatchNorm") + scale, "n + s"), (prelu, "a"), (other, "a"),
      ] {
        let kernel = step == "a" ? "prelu" : "scale"
        #expect(try Self.differences(input + layers, threads: 2, step: step, kernel: kernel) == [], "\(shape) \(layers)")
      }
    }
  }

  @Test(
    "take blobs without channels or items, with a BatchNorm worked in",
    arguments: [[2, 0, 4, 4], [0, 16, 4, 4], [2, 16, 0, 4]])
  func empty(_ dims: [Int]) throws {
    let shape = dims.map { "dim: \($0)" }.joined(separator: " ")
    let input = "layer { name: 'in' type: 'Input' top: 'x' input_param { shape { \(shape) } } }\n"
    let net = try SampleNet(input + Self.layer("n", "BatchNorm") + Self.scale("") + Self.layer("a", "PReLU"))
    let session = try net.session(net.plan(.inference, [try OneDNNBackend()]))
    try session.forward()
    #expect(session.output("x")?.shape == Shape(dims))
  }

  @Test("are left to the reference in training")
  func training() throws {
    let net = try SampleNet(Self.net(16, batch: 1, 5, 5, Self.layer("a", "PReLU")), phase: .TRAIN, seeds: ["x"])
    let training = try net.plan(.training, [try OneDNNBackend()])
    #expect(!training.steps.contains { $0.kernel.implementation.hasPrefix("prelu") })
  }
}
