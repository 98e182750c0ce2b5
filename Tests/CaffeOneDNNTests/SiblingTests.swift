import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

@Suite("1x1 convolutions computed together with others of the same blob")
struct SiblingTests {
  /// Whether this CPU has the kernels; elsewhere the library's are compared, and the plan's names are not looked at.
  private static let isAvailable = ["avx2", "avx512"].contains { OneDNNLibrary.instructionSet.hasPrefix($0) }
  private static let tolerance = Tolerance(absolute: 1e-5, relative: 1e-4)

  private static func input(_ shape: Shape) -> String {
    "layer { name: 'x' type: 'Input' top: 'x' input_param { shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } } }\n"
  }

  private static func convolution(_ name: String, _ outputs: Int, _ more: String = "kernel_size: 1") -> String {
    "layer { name: '\(name)' type: 'Convolution' bottom: 'x' top: '\(name)' convolution_param { num_output: \(outputs) \(more) } }\n"
  }

  private static func relu(_ name: String, _ blob: String, _ slope: Float = 0.25) -> String {
    "layer { name: '\(name)' type: 'ReLU' bottom: '\(blob)' top: '\(blob)' relu_param { negative_slope: \(slope) } }\n"
  }

  private static func operations(_ net: SampleNet, threads: Int) throws -> [String] {
    try net.plan(.inference, [try OneDNNBackend()], threads: threads).program.operations.map(\.title)
  }

  /// The tops computed on some threads by these operations.
  ///
  /// - Returns: what differs from the reference.
  private static func differences(_ text: String, threads: Int, operations wanted: [String]) throws -> [String] {
    let net = try SampleNet(text)
    let operations = try operations(net, threads: threads)
    if isAvailable, operations != wanted { return ["operations: \(operations)"] }
    let fast = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: threads))
    let plain = try net.session(net.plan(.inference, []))
    for session in [fast, plain] { try session.forward() }
    return tolerance.mismatches(fast.observedTops, plain.observedTops, "")
  }

  @Test("agree with the reference on random images, channels, strides, batches and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 31, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for run in 0..<24 {
      let shape: Shape = [pick(1...3), 16 * pick(1...9), pick(5...18), pick(5...18)]
      let stride = run % 3 == 0 ? "stride_h: \(pick(1...2)) stride_w: 2" : ""
      let names = ["a", "b", "c", "d"].prefix(pick(2...4))
      // Of few pixels threads share the filters.
      guard shape[0] * (shape[2] + 1) / 2 * ((shape[3] + 1) / 2) >= 12 else { continue }
      let text = names.map { name in
        Self.convolution(name, pick(1...2 * shape[1] / names.count), "kernel_size: 1 bias_term: \(pick(0...2) > 0) \(stride)")
          + (pick(0...1) > 0 ? Self.relu("\(name)r", name) : "")
      }
      let net = Self.input(shape) + text.joined()
      let wanted = zip(names, text).map { $1.contains("ReLU") ? "\($0) + \($0)r" : $0 }.joined(separator: ", ")
      #expect(try Self.differences(net, threads: pick(1...4), operations: [wanted]) == [], "\(net)")
    }
  }

  @Test("write between the other channels of a Concat, and to blobs of their own", arguments: [1, 4])
  func concat(_ batch: Int) throws {
    let module =
      Self.convolution("a", 32) + Self.relu("ar", "a") + Self.convolution("b", 24) + Self.convolution("c", 16)
        + """
        layer { name: 'e' type: 'Convolution' bottom: 'b' top: 'e' convolution_param { num_output: 16 kernel_size: 3 pad: 1 } }
        layer { name: 'y' type: 'Concat' bottom: 'a' bottom: 'e' bottom: 'c' top: 'y' }
        """
    let text = Self.input([batch, 64, 12, 12]) + module
    #expect(try Self.differences(text, threads: 2, operations: ["a + ar, b, c", "e", "y"]) == [])
    guard Self.isAvailable else { return }
    let plan = try SampleNet(text).plan(.inference, [try OneDNNBackend()], threads: 2)
    #expect(!plan.steps.contains { $0.name == "y" && $0.kind == .forward })
  }

  @Test("are joined by input and stride, and leave a convolution that adds a blob alone")
  func families() throws {
    let strided = "kernel_size: 1 stride: 2"
    let others =
      Self.convolution("a", 32) + Self.convolution("s", 16, strided) + Self.convolution("k", 16, "kernel_size: 3 pad: 1")
      + Self.convolution("g", 32, "kernel_size: 1 group: 2") + Self.convolution("p", 16, "kernel_size: 1 pad: 1")
      + Self.convolution("b", 32) + Self.convolution("t", 48, strided) + Self.convolution("c", 32)
      + "layer { name: 'e' type: 'Eltwise' bottom: 'b' bottom: 'c' top: 'e' }\n"
    #expect(
      try Self.differences(
        Self.input([2, 32, 12, 13]) + others, threads: 2, operations: ["a, b", "s, t", "k", "g", "p", "c + e"])
        == [])
  }

  @Test("keep their filters so that they can be read again, also where both use the same")
  func filters() throws {
    let shared = "kernel_size: 1 bias_term: false } param { name: 'w'"
    let net = try SampleNet(
      Self.input([1, 48, 9, 9]) + Self.convolution("a", 75) + Self.convolution("b", 20, shared)
        + Self.convolution("c", 20, shared))
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2)
    for index in net.parameters.indices { #expect(try net.weights(plan).tensor(ofParameter: index) == net.parameters[index]) }
    let session = try net.session(plan)
    try session.forward()
    #expect(session.output("b") == session.output("c"))
  }

  @Test("stay apart where what they make is much more than what they read, and where memory is short")
  func memory() throws {
    func text(_ outputs: Int) -> String {
      Self.input([2, 32, 20, 20])
        + ["a", "b", "c"].map { name in
          Self.convolution(name, outputs)
            + "layer { name: 'p\(name)' type: 'Pooling' bottom: '\(name)' top: 'p\(name)' pooling_param { pool: AVE global_pooling: true } }\n"
        }.joined()
    }
    let apart = ["a", "pa", "b", "pb", "c", "pc"]
    #expect(try Self.operations(SampleNet(text(22)), threads: 2) == apart)
    let net = try SampleNet(text(21))
    guard Self.isAvailable else { return }
    let joined = try net.plan(.inference, [try OneDNNBackend()])
    #expect(joined.program.operations.map(\.title) == ["a, b, c", "pa", "pb", "pc"])
    let options = PlanOptions(memoryLimit: joined.byteCount - 1)
    let small = try Planner.plan(
      Program(net.graph, purpose: .inference), backends: [try OneDNNBackend()], options: options)
    #expect(small.program.operations.map(\.title) == apart)
    #expect(small.byteCount < joined.byteCount)
  }

  @Test("give the same bits as each by itself, for any number of threads")
  func bits() throws {
    for shape in [[2, 64, 17, 19], [1, 320, 7, 7]] as [Shape] {
      let net = try SampleNet(
        Self.input(shape) + Self.convolution("a", 100) + Self.convolution("b", 32) + Self.convolution("c", 24))
      let results = try net.tops(OneDNNBackend(), threads: [1, 2, 3, 7])
      #expect(results.allSatisfy { $0 == results[0] })
      let apart = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: 2, without: [Passes.joinSiblings]))
      try apart.forward()
      let together = try net.session(net.plan(.inference, [try OneDNNBackend()], threads: 2))
      try together.forward()
      #expect(apart.observedTops == together.observedTops)
    }
  }

  @Test("stay apart in training, and where nobody has a kernel")
  func apart() throws {
    let net = try SampleNet(
      Self.input([2, 32, 12, 12]) + Self.convolution("a", 16) + Self.convolution("b", 16), seeds: ["a", "b"])
    #expect(try net.plan(.training, [try OneDNNBackend()]).program.operations.map(\.title) == ["a", "b"])
    #expect(try net.plan(.inference, []).program.operations.map(\.title) == ["a", "b"])
    let odd = try SampleNet(Self.input([2, 20, 12, 12]) + Self.convolution("a", 16) + Self.convolution("b", 16))
    #expect(try Self.operations(odd, threads: 2) == ["a", "b"])
  }
}
