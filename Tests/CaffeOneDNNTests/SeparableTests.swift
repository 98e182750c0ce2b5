import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Depthwise convolutions computed with the 1x1 convolution behind them")
struct SeparableTests {
  /// Whether this CPU has the kernels; elsewhere the library's are compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }
  private static let tolerance = Tolerance(absolute: 1e-5, relative: 1e-4)

  /// A depthwise convolution `d` of `x`, and a 1x1 convolution `p` behind it.
  private static func pair(
    _ shape: Shape, _ depthwise: String, outputs: Int, _ pointwise: String = "", between: String = ""
  ) -> String {
    """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } } }
    layer { name: 'd' type: 'Convolution' bottom: 'x' top: 'd'
      convolution_param { num_output: \(shape[1]) group: \(shape[1]) \(depthwise) } }
    \(between)
    layer { name: 'p' type: 'Convolution' bottom: 'd' top: 'p'
      convolution_param { num_output: \(outputs) kernel_size: 1 \(pointwise) } }

    """
  }

  private static func relu(_ name: String, _ blob: String) -> String {
    "layer { name: '\(name)' type: 'ReLU' bottom: '\(blob)' top: '\(blob)' relu_param { negative_slope: 0.25 } }\n"
  }

  private static func plan(_ net: SampleNet, threads: Int) throws -> ExecutionPlan {
    try net.plan(.inference, [try OneDNNBackend()], threads: threads)
  }

  private static func forward(_ plan: ExecutionPlan) -> [String] { plan.steps.filter { $0.kind == .forward }.map(\.name) }

  /// The tops computed on some threads, with a step of that name.
  ///
  /// - Returns: what differs from the reference.
  private static func differences(_ text: String, threads: Int, step: String) throws -> [String] {
    let net = try SampleNet(text)
    let plan = try plan(net, threads: threads)
    if isAvailable, !forward(plan).contains(step) { return ["steps: \(forward(plan))"] }
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    return tolerance.mismatches(fast.observedTops, plain.observedTops, "")
  }

  @Test("agree with the reference on random images, filters, strides, paddings, dilations, batches and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 29, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    var compared = 0
    for run in 0..<40 {
      let isNarrow = run % 3 == 0
      let shape: Shape = [
        pick(1...3), 16 * pick(1...5), isNarrow ? pick(150...400) : pick(20...44), isNarrow ? pick(2...9) : pick(20...44),
      ]
      let sizes = "kernel_h: \(pick(1...5)) kernel_w: 3 pad_h: \(pick(0...3)) pad_w: 1 dilation: \(pick(1...2)) dilation: 1"
      let usual = "kernel_size: 3 pad: \(isNarrow ? 1 : pick(0...1))"
      let strides = "stride_h: \(pick(1...(run % 2 == 0 ? 2 : 3))) stride_w: \(pick(1...2))"
      let depthwise = "\(run % 2 == 0 ? usual : sizes) \(strides) bias_term: \(pick(0...2) > 0)"
      let text = Self.pair(shape, depthwise, outputs: pick(1...150), "bias_term: \(pick(0...2) > 0)")
      let threads = pick(1...4)
      let net = try SampleNet(text)
      // Few pixels are left to kernels whose threads share the filters.
      let few = net.graph.shapes[try #require(net.graph.graph.value(named: "d"))]
      guard few[0] * few[2] * few[3] >= 96 * threads else { continue }
      #expect(try Self.differences(text, threads: threads, step: "d + p") == [], "\(text)")
      compared += 1
    }
    #expect(compared > 20)
  }

  @Test("apply a ReLU of any slope behind either, and add a blob, as they write")
  func fused() throws {
    let between = Self.relu("r", "d")
    for (stride, shape) in [(1, [1, 32, 18, 23]), (2, [3, 48, 31, 28])] as [(Int, Shape)] {
      let depthwise = "kernel_size: 3 pad: 1 stride: \(stride)"
      let text = Self.pair(shape, depthwise, outputs: 40, between: between) + Self.relu("s", "p")
      #expect(try Self.differences(text, threads: 2, step: "d + r + p + s") == [])
    }
    let sum = "layer { name: 'e' type: 'Eltwise' bottom: 'x' bottom: 'p' top: 'e' }\n" + Self.relu("s", "e")
    let text = Self.pair([2, 48, 20, 20], "kernel_size: 3 pad: 1", outputs: 48, between: between) + sum
    #expect(try Self.differences(text, threads: 2, step: "d + r + p + e + s") == [])
  }

  @Test("write between the other channels of a Concat, where they fill whole blocks and where they do not", arguments: [32, 20])
  func concat(_ outputs: Int) throws {
    let more = """
      layer { name: 'o' type: 'Convolution' bottom: 'x' top: 'o' convolution_param { num_output: 16 kernel_size: 1 } }
      layer { name: 'c' type: 'Concat' bottom: 'o' bottom: 'p' top: 'c' }
      """
    let text = Self.pair([3, 32, 20, 20], "kernel_size: 3 pad: 1", outputs: outputs) + more
    #expect(try Self.differences(text, threads: 2, step: "d + p") == [])
    guard Self.isAvailable else { return }
    #expect(try Self.forward(Self.plan(SampleNet(text), threads: 2)).contains("c") == (outputs == 20))
  }

  @Test("take the BatchNorm behind the first in")
  func normalized() throws {
    let norm = "layer { name: 'n' type: 'BatchNorm' bottom: 'd' top: 'd' batch_norm_param { use_global_stats: true } }\n"
    let normed = Self.pair([2, 32, 20, 20], "kernel_size: 3 pad: 1 bias_term: false", outputs: 24, between: norm)
    #expect(try Self.differences(normed, threads: 2, step: "d + n + p") == [])
  }

  @Test("leave the first alone where somebody else reads it, or wants to see it")
  func observed() throws {
    let pair = Self.pair([2, 32, 20, 20], "kernel_size: 3 pad: 1", outputs: 32)
    let reader = "layer { name: 'q' type: 'Pooling' bottom: 'd' top: 'q' pooling_param { kernel_size: 2 } }\n"
    #expect(try Self.differences(pair + reader, threads: 2, step: "p") == [])
    let net = try SampleNet(pair)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2, observing: ["d"])
    #expect(Self.forward(plan) == ["d", "p"])
  }

  @Test("are worth a kernel together where each alone would be left to the reference")
  func small() throws {
    let net = try SampleNet(Self.pair([1, 16, 12, 14], "kernel_size: 3 pad: 1", outputs: 8))
    for (least, steps) in [(48_384 + 43_008, ["d + p"]), (48_384 + 43_009, ["d", "p"])] {
      let plan = try net.plan(.inference, [try OneDNNBackend(minimumWork: least)], threads: 1)
      #expect(Self.forward(plan) == (Self.isAvailable ? steps : ["d", "p"]), "\(least)")
    }
  }

  @Test("give the same bits for any number of threads")
  func threads() throws {
    let net = try SampleNet(Self.pair([2, 64, 33, 29], "kernel_size: 3 pad: 1 stride: 2", outputs: 100))
    let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 7])
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("are left to others where filters are not three wide, and where there are few rows or many filters")
  func others() throws {
    let usual = "kernel_size: 3 pad: 1"
    for (shape, depthwise, outputs) in [
      ([2, 32, 20, 20], "kernel_size: 5 pad: 2", 32), ([2, 32, 20, 20], "kernel_size: 3 dilation: 2", 32),
      ([2, 32, 20, 20], "kernel_size: 3 pad_h: 1 pad_w: 2", 32), ([2, 32, 40, 60], "kernel_size: 3 stride_w: 3", 32),
      ([1, 16, 1, 20000], "kernel_h: 1 kernel_w: 3", 16), ([2, 256, 20, 20], usual, 272),
    ] as [(Shape, String, Int)] {
      let plan = try Self.plan(SampleNet(Self.pair(shape, depthwise, outputs: outputs)), threads: 2)
      #expect(Self.forward(plan) == ["d", "p"], "\(shape), \(depthwise), \(outputs)")
    }
  }

  @Test("keep their filters so that they can be read again")
  func filters() throws {
    let net = try SampleNet(Self.pair([1, 48, 20, 20], "kernel_h: 5 kernel_w: 3 pad: 1", outputs: 75))
    let plan = try Self.plan(net, threads: 2)
    #expect(plan.steps.contains { $0.kernel.implementation.hasPrefix("separable") } == Self.isAvailable)
    for index in net.parameters.indices { #expect(try net.weights(plan).tensor(ofParameter: index) == net.parameters[index]) }
  }
}
