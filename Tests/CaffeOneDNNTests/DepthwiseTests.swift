import CaffeCore
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Depthwise convolutions")
struct DepthwiseTests {
  /// Whether this CPU has the kernel; elsewhere the library's is compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }
  private static let tolerance = Tolerance(absolute: 1e-5, relative: 1e-4)

  private static func text(_ shape: Shape, _ parameters: String) -> String {
    """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } } }
    layer { name: 'd' type: 'Convolution' bottom: 'x' top: 'd'
      convolution_param { num_output: \(shape[1]) group: \(shape[1]) \(parameters) } }

    """
  }

  /// What differs from the reference, and whether the kernel of that name computed it.
  private static func differences(_ text: String, threads: Int, by kernel: String = "depthwise") throws -> [String] {
    let net = try SampleNet(text)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: threads)
    let kernels = plan.steps.filter { $0.kind == .forward }.map(\.kernel.implementation)
    if isAvailable, !kernels.contains(where: { $0.hasPrefix(kernel) }) { return ["kernels: \(kernels)"] }
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    return tolerance.mismatches(fast.observedTops, plain.observedTops, "")
  }

  @Test("agree with the reference on random images, filters, strides, paddings, dilations, batches and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 31, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for _ in 0..<40 {
      let shape: Shape = [pick(1...3), 16 * [1, 2, 5, 20].randomElement(using: &random)!, pick(6...30), pick(1...30)]
      let sizes = "kernel_h: \(pick(1...3)) kernel_w: 3 pad_h: \(pick(0...2)) pad_w: \(shape[3] < 3 ? 1 : pick(0...1))"
      let strides = "stride_h: \(pick(1...3)) stride_w: \(pick(1...2)) dilation: \(pick(1...2)) dilation: 1"
      let text = Self.text(shape, "\(sizes) \(strides) bias_term: \(pick(0...2) > 0)")
      #expect(try Self.differences(text, threads: pick(1...9)) == [], "\(text)")
    }
  }

  @Test("apply a ReLU of any slope, and write between the other channels of a Concat, as they go")
  func fused() throws {
    let text =
      Self.text([2, 32, 9, 11], "kernel_size: 3 pad: 1") + """
        layer { name: 'r' type: 'ReLU' bottom: 'd' top: 'd' relu_param { negative_slope: 0.25 } }
        layer { name: 'o' type: 'Convolution' bottom: 'x' top: 'o' convolution_param { num_output: 16 kernel_size: 1 } }
        layer { name: 'c' type: 'Concat' bottom: 'o' bottom: 'd' top: 'c' }
        """
    #expect(try Self.differences(text, threads: 2) == [])
    guard Self.isAvailable else { return }
    let plan = try SampleNet(text).plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(!plan.steps.contains { $0.name == "c" && $0.kind == .forward })
  }

  @Test("leave other filters, and channels that fill no blocks, to the library")
  func others() throws {
    let isOneDNN = Self.isAvailable ? "jit" : ""
    for (shape, parameters) in [
      ([1, 32, 12, 12], "kernel_size: 5 pad: 2"), ([1, 32, 12, 12], "kernel_size: 3 pad: 2"),
      ([1, 32, 12, 12], "kernel_size: 3 stride: 3"), ([1, 32, 12, 12], "kernel_size: 3 dilation: 2"),
    ] as [(Shape, String)] {
      #expect(try Self.differences(Self.text(shape, parameters), threads: 2, by: isOneDNN) == [], "\(parameters)")
    }
    let half = Self.text([1, 24, 12, 12], "kernel_size: 3 pad: 1")
    #expect(try Self.differences(half, threads: 2, by: "") == [])
    guard OneDNNLibrary.instructionSet.hasPrefix("avx512") else { return }
    let plan = try SampleNet(half).plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(!plan.steps.contains { $0.kernel.implementation.hasPrefix("depthwise") })
  }

  @Test("take a batch of no images")
  func empty() throws {
    #expect(try Self.differences(Self.text([0, 32, 12, 12], "kernel_size: 3 pad: 1"), threads: 2, by: "") == [])
  }
}
