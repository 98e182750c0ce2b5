import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Convolutions with 1x1 filters")
struct PointwiseTests {
  /// Whether this CPU has the kernels; elsewhere the library's are compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }
  private static let tolerance = Tolerance(absolute: 1e-5, relative: 1e-4)

  /// The tops computed on some threads with the kernel, in a step of that name where one is given.
  ///
  /// - Returns: what differs from the reference.
  private static func differences(_ text: String, threads: Int, step: String? = nil, without other: String? = nil) throws
    -> [String]
  {
    let net = try SampleNet(text)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: threads)
    let steps = plan.steps.filter { $0.kind == .forward }.map(\.name)
    if isAvailable, step.map({ !steps.contains($0) }) ?? false || other.map(steps.contains) ?? false {
      return ["steps: \(steps)"]
    }
    let names = plan.steps.map(\.kernel.implementation)
    if isAvailable, !names.contains(where: { $0.hasPrefix("pointwise") }) { return ["it was not chosen: \(names)"] }
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    return tolerance.mismatches(fast.observedTops, plain.observedTops, "")
  }

  private static func input(_ shape: Shape) -> String {
    "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } } }\n"
  }

  private static func convolution(_ name: String, _ outputs: Int, _ more: String = "") -> String {
    layer(name, "num_output: \(outputs) kernel_size: 1 \(more)")
  }

  private static func layer(_ name: String, _ parameters: String) -> String {
    "layer { name: '\(name)' type: 'Convolution' bottom: 'x' top: '\(name)' convolution_param { \(parameters) } }\n"
  }

  @Test("agree with the reference on random images, channels, strides, batches and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 13, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for run in 0..<24 {
      let shape: Shape = [pick(1...3), 16 * pick(1...7), pick(8...20), pick(8...20)]
      let stride = run % 3 == 0 ? "stride_h: \(pick(1...2)) stride_w: 2" : ""
      let text = Self.input(shape) + Self.convolution("y", pick(1...150), "bias_term: \(pick(0...2) > 0) \(stride)")
      #expect(try Self.differences(text, threads: pick(1...4)) == [], "\(text)")
    }
  }

  @Test("apply a ReLU of any slope, and add a blob, as they write")
  func fused() throws {
    let relu = "layer { name: 'r' type: 'ReLU' bottom: 'a' top: 'a' relu_param { negative_slope: 0.25 } }\n"
    let sum = "layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 's' }\n"
    for shape in [[1, 32, 9, 11], [3, 48, 14, 14]] as [Shape] {
      #expect(try Self.differences(Self.input(shape) + Self.convolution("a", 40) + relu, threads: 2, step: "a + r") == [])
      let both = Self.input(shape) + Self.convolution("a", 48) + Self.convolution("b", 48) + sum
      #expect(try Self.differences(both, threads: 2, step: "b + s") == [])
    }
  }

  @Test("add up more input channels than are worked through together", arguments: [528, 1040, 1616])
  func manyInputs(_ inputs: Int) throws {
    let relu = "layer { name: 'r' type: 'ReLU' bottom: 's' top: 's' relu_param { negative_slope: 0.25 } }\n"
    let sum = "layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'b' top: 's' }\n"
    let input = Self.input([2, inputs, 7, 7])
    #expect(try Self.differences(input + Self.convolution("a", 100), threads: 2) == [])
    let both = input + Self.convolution("a", 80) + Self.convolution("b", 80) + sum + relu
    #expect(try Self.differences(both, threads: 3, step: "b + s + r") == [])
  }

  @Test("write between the other channels of a Concat, where they fill whole blocks and where they do not", arguments: [32, 24])
  func concat(_ outputs: Int) throws {
    let concat = "layer { name: 'c' type: 'Concat' bottom: 'a' bottom: 'b' top: 'c' }\n"
    for batch in [1, 4] {
      let text = Self.input([batch, 64, 12, 12]) + Self.convolution("a", 16) + Self.convolution("b", outputs) + concat
      #expect(try Self.differences(text, threads: 2, without: outputs == 32 ? "c" : nil) == [], "batch \(batch)")
    }
  }

  @Test("leave images alone that are not blobs of four axes", arguments: [1, 3, 5])
  func axes(_ kernel: Int) throws {
    for (axis, shape) in [(2, [1, 2, 64, 16, 16]), (2, [1, 16, 64, 16, 16]), (0, [64, 16, 16])] as [(Int, Shape)] {
      let more = "pad: \(kernel / 2) axis: \(axis) num_output: 80 kernel_size: \(kernel)"
      let net = try SampleNet(Self.input(shape) + Self.layer("y", more))
      let fast = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: 2))
      let plain = try net.session(net.plan(.inference, []))
      for session in [fast, plain] { try session.forward() }
      let tolerance = Tolerance(absolute: 5e-4, relative: 1e-3)
      #expect(tolerance.mismatches(fast.observedTops, plain.observedTops, "") == [], "\(kernel), \(axis), \(shape)")
    }
  }

  @Test("give the same bits for any number of threads")
  func threads() throws {
    let net = try SampleNet(Self.input([2, 64, 13, 9]) + Self.convolution("y", 200))
    let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 7])
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("keep their filters so that they can be read again")
  func filters() throws {
    let net = try SampleNet(Self.input([1, 48, 12, 12]) + Self.convolution("y", 75))
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(plan.residents.contains { $0.layout.description == "pointwise" } == Self.isAvailable)
    #expect(try net.weights(plan).tensor(ofParameter: 0) == net.parameters[0])
  }
}
