import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("Winograd's convolution")
struct WinogradTests {
  /// Whether this CPU has the kernels; elsewhere the library's are compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }

  private static func text(_ kernel: Int, _ outputs: Int, _ group: Int, _ pad: (Int, Int), _ shape: Shape, hasBias: Bool)
    -> String
  {
    "force_backward: true\n"
      + LayerCheck.net(
        "type: 'Convolution' convolution_param { num_output: \(outputs) kernel_size: \(kernel) pad_h: \(pad.0) pad_w: \(pad.1) "
          + "group: \(group) bias_term: \(hasBias) }", ["x": shape])
  }

  /// A convolution computed with and without Winograd on some threads.
  ///
  /// - Returns: what differs from the reference.
  private static func differences(_ net: SampleNet, threads: Int, way: String) throws -> [String] {
    let backend = try OneDNNBackend()
    let found = try [Purpose.inference, .training].flatMap { purpose -> [String] in
      let plan = try net.plan(purpose, [backend], threads: threads)
      let names = plan.steps.map(\.kernel.implementation)
      if isAvailable, !names.contains(where: { $0.hasPrefix("winograd") && $0.hasSuffix(way) }) {
        return ["\(way) was not chosen: \(names)"]
      }
      let (fast, plain) = (try net.session(plan), try net.session(net.plan(purpose, [])))
      for session in [fast, plain] { try session.forward() }
      let tops = tolerance.mismatches(fast.observedTops, plain.observedTops, "")
      guard purpose == .training else { return tops }
      for session in [fast, plain] { try session.backward() }
      return tops + (try tolerance.mismatches(fast.gradients(), plain.gradients(), "gradient of "))
    }
    return found
  }

  /// Its sums are of larger terms than the definition's: a few more bits are lost.
  private static let tolerance = Tolerance(absolute: 5e-4, relative: 1e-3)

  /// Sizes for which each way is chosen: by 4x4 outputs, by 2x2 as there are few tiles beside many filters, and by 2x2 of 5x5 filters.
  private static let ways: [(name: String, kernel: Int, batch: ClosedRange<Int>, channels: [Int], side: ClosedRange<Int>)] = [
    ("4x4_3x3", 3, 1...3, [96, 128], 16...21), ("2x2_3x3", 3, 1...1, [160, 192], 13...14),
    ("2x2_5x5", 5, 1...3, [64, 80], 15...19),
  ]

  @Test("serves rows of a few pixels, for which the definition has few registers")
  func shortRows() throws {
    // By the numbers of multiplications and filters alone the definition would cost less.
    let net = try SampleNet(Self.text(3, 320, 1, (1, 1), [1, 160, 7, 7], hasBias: true), phase: .TRAIN, seeds: ["y"])
    #expect(try Self.differences(net, threads: 2, way: "2x2_3x3") == [])
  }

  @Test("agrees with the reference on random images, channels, groups, paddings, batches and threads", arguments: 0..<3)
  func random(_ way: Int) throws {
    var random = SequentialRandom(RandomStream(seed: 11, path: UInt64(way)))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    let way = Self.ways[way]
    for _ in 0..<6 {
      let group = pick(1...2)
      let channels = way.channels.map { $0 * group }
      let shape: Shape = [pick(way.batch), channels.randomElement(using: &random)!, pick(way.side), pick(way.side)]
      let outputs = channels.randomElement(using: &random)!
      let net = try SampleNet(
        Self.text(
          way.kernel, outputs, group, (pick(0...way.kernel - 1), pick(0...way.kernel - 1)), shape, hasBias: pick(0...2) > 0),
        phase: .TRAIN, seeds: ["y"])
      #expect(
        try Self.differences(net, threads: pick(1...4), way: way.name) == [],
        "\(way.kernel)x\(way.kernel), \(outputs) outputs, \(group) groups, \(shape)")
    }
  }

  @Test("applies a ReLU of any slope as it writes")
  func relu() throws {
    let text = """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 64 dim: 16 dim: 16 } } }
      layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 48 kernel_size: 3 pad: 1 } }
      layer { name: 'r' type: 'ReLU' bottom: 'c' top: 'c' relu_param { negative_slope: 0.25 } }
      """
    let net = try SampleNet(text)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(plan.steps.first { $0.kind == .forward }?.name == "c + r")
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    #expect(Self.tolerance.mismatches(fast.observedTops, plain.observedTops, "") == [])
  }

  @Test("gives the same bits for any number of threads", arguments: [3, 5])
  func threads(_ kernel: Int) throws {
    let net = try SampleNet(Self.text(kernel, 80, 1, (1, 1), [2, 96, 19, 17], hasBias: true), phase: .TRAIN, seeds: ["y"])
    let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 7])
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test("keeps its filters so that they can be read again, but for rounding", arguments: [3, 5])
  func filters(_ kernel: Int) throws {
    let net = try SampleNet(Self.text(kernel, 160, 2, (1, 1), [1, 160, 16, 16], hasBias: true))
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(plan.residents.contains { $0.layout.description == "winograd" } == Self.isAvailable)
    let weights = try net.weights(plan)
    let kept = try #require(try weights.tensor(ofParameter: 0))
    let given = net.parameters[0]
    #expect(kept.shape == given.shape)
    #expect(zip(kept.values, given.values).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) })
  }

  @Test("is left out by name, and for few tiles or channels, other strides, sizes and dilations")
  func leftOut() throws {
    let backend = try OneDNNBackend()
    func implementation(_ layer: String, _ shape: Shape, without: Set<String> = []) throws -> String {
      let net = try SampleNet(LayerCheck.net("type: 'Convolution' convolution_param { num_output: 64 \(layer) }", ["x": shape]))
      let plan = try net.plan(.inference, [backend], without: without)
      return try #require(plan.steps.first { $0.kind == .forward }).kernel.implementation
    }
    for (layer, shape) in [
      ("kernel_size: 3 pad: 1", [1, 64, 7, 7]), ("kernel_size: 3 stride: 2", [1, 64, 32, 32]),
      ("kernel_size: 3 dilation: 2", [1, 64, 32, 32]), ("kernel_size: 7", [1, 64, 32, 32]), ("kernel_size: 3", [1, 3, 32, 32]),
      ("kernel_size: 5 pad: 2", [1, 16, 32, 32]), ("kernel_h: 5 kernel_w: 3", [1, 64, 32, 32]),
    ] as [(String, Shape)] {
      #expect(!(try implementation(layer, shape).hasPrefix("winograd")), "\(layer) \(shape)")
    }
    #expect(try implementation("kernel_size: 3", [1, 64, 32, 32]).hasPrefix("winograd") == Self.isAvailable)
    #expect(!(try implementation("kernel_size: 3", [1, 64, 32, 32], without: ["winograd"]).hasPrefix("winograd")))
  }
}
