import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("oneDNN's kernels")
struct KernelAgreementTests {
  /// Runs a layer of random geometry on the reference and on oneDNN, forward and backward.
  ///
  /// - Returns: what differs, and how many of its layers' steps oneDNN took over.
  private static func compare(_ layer: String, _ shape: Shape) throws -> (differences: [String], taken: Int) {
    let backend = try OneDNNBackend()
    let net = try SampleNet("force_backward: true\n" + LayerCheck.net(layer, ["x": shape]), phase: .TRAIN, seeds: ["y"])
    var differences: [String] = []
    var taken = 0
    for purpose in [Purpose.inference, .training] {
      let (plain, fast) = (try net.session(net.plan(purpose, [])), try net.session(net.plan(purpose, [backend], threads: 2)))
      let implementations = fast.plan.steps.filter { $0.kind == .forward || $0.kind == .backward }.map(\.kernel.implementation)
      taken += implementations.count { $0 != "reference" }
      differences += implementations.filter { $0.hasPrefix("ref:") || $0.contains("+ ref:") }.map { "\($0) was offered" }
      for session in [plain, fast] { try session.forward() }
      differences += Tolerance().mismatches(fast.observedTops, plain.observedTops, "\(layer) on \(shape): ")
      guard purpose == .training else { continue }
      for session in [plain, fast] { try session.backward() }
      differences += try Tolerance().mismatches(fast.gradients(), plain.gradients(), "\(layer) on \(shape): gradient of ")
    }
    return (differences, taken)
  }

  /// Compares many random cases; oneDNN must have taken over a good part of them.
  private static func compare(
    seed: UInt64, cases: Int, atLeast wanted: Int? = nil, _ make: (inout SequentialRandom) -> (String, Shape)
  ) throws {
    var random = SequentialRandom(RandomStream(seed: seed, path: 0))
    var taken = 0
    for _ in 0..<cases {
      let (layer, shape) = make(&random)
      let result = try compare(layer, shape)
      #expect(result.differences == [])
      taken += result.taken
    }
    #expect(taken >= wanted ?? cases, "only \(taken) steps of \(cases) cases ran on oneDNN")
  }

  @Test("agree with the reference on random convolutions")
  func convolution() throws {
    try Self.compare(seed: 1, cases: 60) { random in
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let kernel = [pick(1...4), pick(1...4)]
      let dilation = pick(1...2)
      let group = [1, 1, 1, 2, 4].randomElement(using: &random) ?? 1
      let channels = group * ([1, 1, 3, 4, 8].randomElement(using: &random) ?? 1)
      let outputs = group * ([1, 2, 5, 8, 16].randomElement(using: &random) ?? 1)
      let pad = [pick(0...2), pick(0...2)]
      let size = kernel.map { (($0 - 1) * dilation + 1) + pick(0...9) }
      let window =
        "kernel_h: \(kernel[0]) kernel_w: \(kernel[1]) stride_h: \(pick(1...3)) stride_w: \(pick(1...3)) "
        + "pad_h: \(pad[0]) pad_w: \(pad[1]) dilation: \(dilation) group: \(group) bias_term: \(pick(0...3) > 0)"
      return (
        "type: 'Convolution' convolution_param { num_output: \(outputs) \(window) }", [pick(1...10), channels, size[0], size[1]]
      )
    }
  }

  /// A window over some axes: kernel, stride, pad and dilation a line each, and extents that have room for it.
  private static func window(_ axes: Int, strides: ClosedRange<Int>, _ random: inout SequentialRandom) -> (String, [Int]) {
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let kernel = (0..<axes).map { _ in pick(1...3) }
    let dilation = (0..<axes).map { _ in pick(1...2) }
    let fields = [
      "kernel_size": kernel, "stride": (0..<axes).map { _ in pick(strides) }, "pad": kernel.map { $0 > 1 ? pick(0...1) : 0 },
      "dilation": dilation,
    ]
    let text = fields.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: " ")
    return (text, zip(kernel, dilation).map { ($0 - 1) * $1 + 1 + pick(0...5) })
  }

  @Test("agree with the reference on random convolutions of lines and volumes")
  func anyAxes() throws {
    try Self.compare(seed: 5, cases: 30) { random in
      let axes = [1, 3].randomElement(using: &random) ?? 1
      let (window, extents) = Self.window(axes, strides: 1...2, &random)
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let group = [1, 1, 2].randomElement(using: &random) ?? 1
      let sizes = "num_output: \(group * pick(1...9)) group: \(group) bias_term: \(pick(0...3) > 0)"
      return (
        "type: 'Convolution' convolution_param { \(sizes) \(window) }", Shape([pick(1...4), group * pick(1...9)] + extents)
      )
    }
  }

  @Test("agree with the reference on random deconvolutions")
  func deconvolution() throws {
    try Self.compare(seed: 6, cases: 50) { random in
      let axes = [1, 2, 2, 2, 3].randomElement(using: &random) ?? 2
      let (window, extents) = Self.window(axes, strides: 1...3, &random)
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let group = [1, 1, 2, 8].randomElement(using: &random) ?? 1
      let sizes = "num_output: \(group * pick(1...9)) group: \(group) bias_term: \(pick(0...3) > 0)"
      return (
        "type: 'Deconvolution' convolution_param { \(sizes) \(window) }", Shape([pick(1...10), group * pick(1...9)] + extents)
      )
    }
  }

  @Test("agree with the reference on functions of elements, in the layout of a convolution before them and dense")
  func elementary() throws {
    let layers = [
      "'TanH'", "'Sigmoid'", "'AbsVal'", "'ELU' elu_param { alpha: 0.7 }", "'BNLL'", "'Swish' swish_param { beta: 1.5 }",
      "'ReLU' relu_param { negative_slope: 0.1 }",
    ]
    try Self.compare(seed: 7, cases: 32) { random in
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let layer = layers.randomElement(using: &random) ?? ""
      return ("type: \(layer)", [pick(1...4), pick(1...20), pick(1...9), pick(1...9)])
    }
    for layer in layers {
      let text = """
        force_backward: true
        layer { name: 'in' type: 'Input' top: 'x' input_param { shape { dim: [2, 5, 9, 8] } } }
        layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 11 kernel_size: 3 } }
        layer { name: 'f' type: \(layer) bottom: 'c' top: 'f' }
        layer { name: 'd' type: 'Convolution' bottom: 'f' top: 'y' convolution_param { num_output: 3 kernel_size: 3 } }
        """
      let net = try SampleNet(text, phase: .TRAIN, seeds: ["y"])
      let plain = try net.session(net.plan(.training, []))
      let fast = try net.session(net.plan(.training, [try OneDNNBackend(), SharingBackend(worth: 16)], threads: 2))
      for session in [plain, fast] {
        try session.forward()
        try session.backward()
      }
      #expect(Tolerance().mismatches(fast.observedTops, plain.observedTops, layer) == [])
      #expect(try Tolerance().mismatches(fast.gradients(), plain.gradients(), layer) == [])
    }
  }

  @Test("agree with the reference on random softmaxes")
  func softmax() throws {
    try Self.compare(seed: 8, cases: 20, atLeast: 5) { random in
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      return ("type: 'Softmax' softmax_param { axis: \(pick(1...2)) }", [pick(1...4), pick(1...40), pick(1...9)])
    }
  }

  @Test("leave NaN a NaN in functions of elements", arguments: ["TanH", "Sigmoid", "ELU", "BNLL", "Swish", "AbsVal", "Log"])
  func notANumber(type: String) throws {
    let net = try SampleNet(LayerCheck.net("type: '\(type)'", ["x": [1, 40]]))
    let session = try net.session(net.plan(.inference, [try OneDNNBackend()]))
    var values = [Float](repeating: 0.5, count: 40)
    values[3] = .nan
    try session.setInput("x", try Tensor([1, 40], values: values))
    try session.forward()
    let output = try #require(session.output("y")).values
    #expect(output[3].isNaN && output.count { $0.isNaN } == 1)
  }

  @Test("agree with the reference on random poolings")
  func pooling() throws {
    try Self.compare(seed: 2, cases: 50) { random in
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let kernel = [pick(1...4), pick(1...4)]
      let stride = kernel.map { pick(1...$0) }
      let pad = kernel.map { pick(0...($0 - 1) / 2) }
      let method = ["MAX", "AVE"].randomElement(using: &random) ?? ""
      let round = ["CEIL", "FLOOR"].randomElement(using: &random) ?? ""
      let window =
        "kernel_h: \(kernel[0]) kernel_w: \(kernel[1]) stride_h: \(stride[0]) stride_w: \(stride[1]) "
        + "pad_h: \(pad[0]) pad_w: \(pad[1]) round_mode: \(round)"
      let size = kernel.map { $0 + pick(0...9) }
      return ("type: 'Pooling' pooling_param { pool: \(method) \(window) }", [pick(1...4), pick(1...20), size[0], size[1]])
    }
  }

  @Test("agree with the reference on random inner products")
  func innerProduct() throws {
    try Self.compare(seed: 3, cases: 30) { random in
      func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
      let options = "transpose: \(pick(0...2) == 0) bias_term: \(pick(0...2) > 0)"
      let layer = "type: 'InnerProduct' inner_product_param { num_output: \(pick(1...150)) \(options) }"
      return (layer, [pick(1...9), pick(1...20), pick(1...7), pick(1...3)])
    }
  }
}
