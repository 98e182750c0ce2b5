import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Foundation
import Testing

private let canRun: Bool = {
  if !OneDNNLibrary.emulatesBF16 {
    print("skipping the convolutions in bf16: this CPU has no AVX-512, which oneDNN needs for them")
  }
  return OneDNNLibrary.emulatesBF16
}()

/// On CPUs without instructions for bf16 oneDNN emulates them, and floats take the place of tiles, which gives the same numbers but for the
/// order of sums.
@Suite("Convolutions in bf16", .enabled(if: canRun))
struct BFloat16ConvolutionTests {
  private static func backend() throws -> OneDNNBackend { try OneDNNBackend(bf16: .vectors) }
  private static let kernels: [BFloat16Kernels] = [.vectors, .tiles]

  /// What the reference makes of a net whose weights and inputs were rounded before.
  private static func rounded(_ net: SampleNet, like session: Session) throws -> [String: Tensor] {
    let weights = try ResidentWeights(net.plan(.inference, [])) { index, destination in
      let isMatrix = net.parameters[index].shape.rank > 1
      for (place, value) in net.parameters[index].values.enumerated() {
        destination[place] = isMatrix ? BFloat16.rounded(value) : value
      }
    }
    let plain = try Session(weights, seed: 1701)
    let input = try #require(session.input("x"))
    let target = try #require(plain.input("x"))
    for index in input.indices { target[index] = BFloat16.rounded(input[index]) }
    try plain.forward()
    return plain.observedTops
  }

  /// Numbers of which each is further away than rounding to bf16 takes it.
  private static func far(_ actual: Tensor?, _ expected: Tensor?) throws -> [Float] {
    let (actual, expected) = (try #require(actual), try #require(expected))
    #expect(actual.shape == expected.shape)
    return zip(actual.values, expected.values).filter { abs($0 - $1) > abs($1) * 0x1p-8 + 1e-4 }.map(\.0)
  }

  @Test("are those of fp32 with rounded weights and images, for random geometries", arguments: kernels)
  func convolutions(kernels: BFloat16Kernels) throws {
    var random = SequentialRandom(RandomStream(seed: 21, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    var taken = 0
    for _ in 0..<40 {
      let (kernel, dilation) = ([pick(1...4), pick(1...4)], pick(1...2))
      let group = [1, 1, 1, 2, 4].randomElement(using: &random) ?? 1
      let channels = group * ([1, 3, 4, 8, 16].randomElement(using: &random) ?? 1)
      let outputs = group * ([1, 2, 5, 16, 20].randomElement(using: &random) ?? 1)
      let size = kernel.map { ($0 - 1) * dilation + 1 + pick(0...9) }
      let window =
        "kernel_h: \(kernel[0]) kernel_w: \(kernel[1]) stride_h: \(pick(1...3)) stride_w: \(pick(1...3)) "
        + "pad_h: \(pick(0...2)) pad_w: \(pick(0...4)) dilation: \(dilation)"
      let parameters = "num_output: \(outputs) group: \(group) bias_term: \(pick(0...3) > 0) \(window)"
      let net = try SampleNet(
        LayerCheck.net(
          "type: 'Convolution' convolution_param { \(parameters) }", ["x": [pick(1...5), channels, size[0], size[1]]]))
      let fast = try net.session(net.plan(.inference, [try OneDNNBackend(bf16: kernels)], threads: pick(1...3), precision: .bf16))
      #expect(fast.plan.steps.allSatisfy { !$0.kernel.implementation.hasPrefix("ref") })
      let layout = fast.plan.residents[0].layout.description
      guard kernels == .tiles ? layout == "tiles bf16" : layout.hasSuffix("bf16") else { continue }
      taken += 1
      try fast.forward()
      #expect(
        try Self.far(fast.output("y"), try Self.rounded(net, like: fast)["y"]) == [], "\(parameters) on \(channels) x \(size)")
    }
    #expect(taken >= (kernels == .tiles ? 20 : 30), "only \(taken) of 40 ran in bf16")
  }

  private static func run(
    _ net: SampleNet, _ kernels: BFloat16Kernels = .vectors, threads: Int = 2, without passes: Set<String> = [],
    observing blobs: Set<String>? = []
  ) throws -> Session {
    let session = try net.session(
      net.plan(
        .inference, [try OneDNNBackend(bf16: kernels), SharingBackend(worth: 16)], threads: threads, without: passes,
        observing: blobs, precision: .bf16))
    try session.forward()
    return session
  }

  private static func expect(_ session: Session, near net: SampleNet) throws {
    let plain = try net.session(net.plan(.inference, [], observing: Set(session.observedTops.keys)))
    try plain.forward()
    // Several roundings, each of 2^-9 of numbers that may cancel.
    #expect(Tolerance(absolute: 1e-3, relative: 0x1p-5).mismatches(session.observedTops, plain.observedTops) == [])
  }

  @Test("leave images in bf16 from layer to layer, with the same bits for any number of threads", arguments: [1, 4])
  func layers(batch: Int) throws {
    let net = try SampleNet(Self.text(batch))
    let results = try [1, 2, 3].map { try Self.run(net, threads: $0) }
    #expect(results.allSatisfy { $0.observedTops == results[0].observedTops })
    try Self.expect(results[0], near: net)
    let steps = results[0].plan.steps
    #expect(steps.allSatisfy { !$0.kernel.implementation.hasPrefix("ref") })
    // Images go to bf16 once; the branch of half blocks, TanH, which has no kernel for bf16 here, and the inner product need other
    // layouts.
    #expect(steps.filter { $0.kind == .reorder }.map(\.name) == ["x", "n1", "b", "s", "p2"])
    #expect(steps.contains { $0.name == "all" && $0.kind == .forward } == (batch > 1))
    #expect(results[0].plan.residents.filter { $0.shape.rank > 1 }.allSatisfy { $0.layout.description.hasSuffix("bf16") })
  }

  @Test("by tiles have the same bits for any number of threads, and take images of few channels", arguments: [1, 4])
  func tiles(batch: Int) throws {
    let net = try SampleNet(Self.text(batch))
    let results = try [1, 2, 3].map { try Self.run(net, .tiles, threads: $0) }
    #expect(results.allSatisfy { $0.observedTops == results[0].observedTops })
    try Self.expect(results[0], near: net)
    let filters = results[0].plan.residents.filter { $0.shape.rank == 4 }.map(\.layout.description)
    // Two groups of 16 channels have 8 outputs each, which are no whole blocks.
    #expect(filters.filter { $0 != "tiles bf16" }.count == 1 && filters.count == 4, "\(filters)")
    let names = results[0].plan.steps.filter { $0.kernel.implementation.hasPrefix("tiles:") }.map(\.name)
    #expect(names == ["c1 + r1", "a + ra", "c2"], "\(names)")
  }

  @Test("write the inputs of a Concat where it would copy them, image by image", arguments: [2, 4], kernels)
  func concat(batch: Int, kernels: BFloat16Kernels) throws {
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [\(batch), 3, 15, 15] } } }
      layer { name: 'i' type: 'Convolution' bottom: 'x' top: 'i' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
      layer { name: 'a' type: 'Convolution' bottom: 'i' top: 'a' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
      layer { name: 'b' type: 'Convolution' bottom: 'i' top: 'b' convolution_param { num_output: 16 kernel_size: 1 } }
      layer { name: 'all' type: 'Concat' bottom: 'a' bottom: 'b' top: 'all' }
      layer { name: 'p' type: 'Pooling' bottom: 'b' top: 'p' pooling_param { kernel_size: 2 stride: 2 } }
      layer { name: 'c' type: 'Convolution' bottom: 'all' top: 'c' convolution_param { num_output: 16 kernel_size: 1 } }
      """)
    let session = try Self.run(net, kernels)
    let steps = session.plan.steps
    #expect(!steps.contains { $0.name == "all" && $0.kind == .forward }, "\(steps.map(\.name))")
    let own = steps.filter {
      kernels == .tiles ? $0.kernel.implementation.hasPrefix("tiles:") : $0.kernel.implementation.hasSuffix(" x\(batch)")
    }
    #expect(own.map(\.name).suffix(3) == ["a", "b", "c"])
    try Self.expect(session, near: net)
    #expect(try Self.run(net, kernels, threads: 1).observedTops == session.observedTops)
    try Self.expect(try Self.run(net, kernels, observing: nil), near: net)
  }

  @Test("go with every pass, and without any", arguments: Passes.names)
  func passes(name: String) throws {
    let net = try SampleNet(Self.text(1))
    try Self.expect(try Self.run(net, without: [name]), near: net)
  }

  @Test("can be looked at in the middle")
  func observed() throws {
    let net = try SampleNet(Self.text(2))
    try Self.expect(try Self.run(net, observing: nil), near: net)
  }

  @Test(
    "add what a residual net adds where they write, or a copy of it that others read later", arguments: [false, true], kernels)
  func residual(isReadAgain: Bool, kernels: BFloat16Kernels) throws {
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: [2, 16, 12, 12] } } }
      layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
      layer { name: 'b' type: 'Convolution' bottom: 'a' top: 'b' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
      layer { name: 'c' type: 'Convolution' bottom: 'b' top: 'c' convolution_param { num_output: 32 kernel_size: 1 } }
      layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'c' top: 's' }
      layer { name: 'r' type: 'ReLU' bottom: 's' top: 's' }
      \(isReadAgain ? "layer { name: 'e' type: 'Pooling' bottom: 'a' top: 'e' pooling_param { kernel_size: 2 stride: 2 } }" : "")
      layer { name: 'd' type: 'Convolution' bottom: 's' top: 'd' convolution_param { num_output: 16 kernel_size: 1 } }
      """)
    let session = try Self.run(net, kernels)
    #expect(session.plan.steps.contains { $0.name == "c + s + r" }, "\(session.plan.steps.map(\.name))")
    try Self.expect(session, near: net)
  }

  @Test("take half the memory for weights and images")
  func memory() throws {
    let net = try SampleNet(Self.text(4))
    let without: Set<String> = [Passes.winograd, Passes.imageByImage]
    let half = try net.plan(.inference, [try Self.backend()], without: without, precision: .bf16)
    let whole = try net.plan(.inference, [try Self.backend()], without: without)
    #expect(Double(half.weightBytes) < 0.55 * Double(whole.weightBytes))
    #expect(half.arenaBytes < whole.arenaBytes)
  }

  @Test("are where the CPU has instructions for them, unless told otherwise")
  func choice() throws {
    let net = try SampleNet(Self.text(1))
    func layouts(_ backend: OneDNNBackend, _ precision: Precision) throws -> [String] {
      try net.plan(.inference, [backend], without: [Passes.winograd], precision: precision).residents
        .filter { $0.shape.rank == 4 }.map(\.layout.description)
    }
    let plain = try layouts(try OneDNNBackend(), .fp32)
    #expect(plain.allSatisfy { !$0.contains("bf16") })
    #expect(try layouts(try OneDNNBackend(bf16: .none), .bf16) == plain)
    #expect(try layouts(try OneDNNBackend(bf16: .vectors), .fp32) == plain)
    let best = try layouts(try OneDNNBackend(), .bf16)
    switch BFloat16Kernels.best {
    case .none: #expect(best == plain)
    case .vectors: #expect(try best == layouts(Self.backend(), .bf16))
    case .tiles: #expect(best.contains("tiles bf16") && best != plain)
    }
  }

  @Test("give LeNet's answers", arguments: kernels)
  func leNet(kernels: BFloat16Kernels) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models/lenet")
    let text = try String(contentsOf: folder.appending(path: "deploy.prototxt"), encoding: .utf8)
    let net = try SampleNet(text, shapes: ["data": [8, 1, 28, 28]])
    var values = ParameterValues(net.graph, seed: 1)
    try values.copy(from: try WeightSet.read(path: folder.appending(path: "lenet.caffemodel").path))
    let plans = [
      try net.plan(.inference, [], observing: nil),
      try net.plan(.inference, [try OneDNNBackend(bf16: kernels)], observing: nil, precision: .bf16),
    ]
    let results = try plans.map { plan -> [String: Tensor] in
      let session = try Session(try ResidentWeights(plan, provider: values.write))
      try net.fill(session, values: ["data": .uniform(0...1)])
      try session.forward()
      return session.observedTops
    }
    #expect(results[0].count > 6 && results[0] != results[1])
    #expect(Tolerance(absolute: 1e-3, relative: 0x1p-6).mismatches(results[1], results[0]) == [])
  }

  private static func text(_ batch: Int) -> String {
    """
    layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: \(batch) dim: 3 dim: 40 dim: 40 } } }
    layer { name: 'c1' type: 'Convolution' bottom: 'x' top: 'c1' convolution_param { num_output: 32 kernel_size: 7 stride: 2 } }
    layer { name: 'r1' type: 'ReLU' bottom: 'c1' top: 'c1' }
    layer { name: 'p1' type: 'Pooling' bottom: 'c1' top: 'p1' pooling_param { kernel_size: 3 stride: 2 } }
    layer { name: 'n1' type: 'LRN' bottom: 'p1' top: 'n1' lrn_param { local_size: 5 alpha: 0.1 beta: 0.75 } }
    layer { name: 'a' type: 'Convolution' bottom: 'n1' top: 'a' convolution_param { num_output: 32 kernel_size: 3 pad: 1 } }
    layer { name: 'ra' type: 'ReLU' bottom: 'a' top: 'a' }
    layer { name: 'b' type: 'Convolution' bottom: 'n1' top: 'b' convolution_param { num_output: 16 kernel_size: 1 group: 2 } }
    layer { name: 'pp' type: 'Pooling' bottom: 'n1' top: 'pp' pooling_param { pool: AVE kernel_size: 3 stride: 1 pad: 1 } }
    layer { name: 'all' type: 'Concat' bottom: 'a' bottom: 'b' bottom: 'pp' top: 'all' }
    layer { name: 'c2' type: 'Convolution' bottom: 'all' top: 'c2' convolution_param { num_output: 80 kernel_size: 3 pad: 1 } }
    layer { name: 's' type: 'Eltwise' bottom: 'c2' bottom: 'all' top: 's' }
    layer { name: 'rs' type: 'ReLU' bottom: 's' top: 's' }
    layer { name: 't' type: 'TanH' bottom: 's' top: 't' }
    layer { name: 'p2' type: 'Pooling' bottom: 't' top: 'p2' pooling_param { kernel_size: 2 stride: 2 } }
    layer { name: 'ip' type: 'InnerProduct' bottom: 'p2' top: 'ip' inner_product_param { num_output: 10 } }
    layer { name: 'prob' type: 'Softmax' bottom: 'ip' top: 'prob' }
    """
  }

  @Test("are brought into floats for layers that take every layout of floats, also where channels fill half a block")
  func elements() throws {
    for (batch, outputs) in [(1, 8), (2, 32)] {
      let net = try SampleNet(
        """
        layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: \(batch) dim: 16 dim: 9 dim: 9 } } }
        layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { num_output: \(outputs) kernel_size: 2 } }
        layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { num_output: \(outputs) kernel_size: 2 } }
        layer { name: 'c' type: 'Concat' bottom: 'a' bottom: 'b' top: 'c' }
        layer { name: 'p' type: 'Power' bottom: 'b' top: 'p' power_param { scale: 2 shift: 1 } }
        """)
      let fast = try Self.run(net)
      let expected = try Self.rounded(net, like: fast)
      for blob in ["c", "p"] {
        let pairs = zip(try #require(fast.output(blob)).values, try #require(expected[blob]).values)
        #expect(pairs.allSatisfy { abs($0 - $1) <= abs($1) * 0x1p-7 + 0x1p-6 }, "\(blob) of \(outputs) channels")
      }
    }
  }
}
