import CaffeCore
import CaffeGraph
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Synchronization
import Testing

@Suite("oneDNN's layouts")
struct LayoutTests {
  /// The layouts a convolution chooses for images and filters.
  private static func layouts(_ backend: OneDNNBackend, _ shape: Shape, group: Int) throws -> [(Shape, Layout)] {
    let parameters = "num_output: \(group * 16) kernel_size: 3 pad: 1 group: \(group)"
    let net = try SampleNet(LayerCheck.net("type: 'Convolution' convolution_param { \(parameters) }", ["x": shape]))
    let recorder = OfferRecorder(backend)
    _ = try net.plan(.inference, [recorder])
    let (request, offer) = try #require(recorder.offers.first)
    return Array(zip(request.inputShapes, offer.inputs)) + Array(zip(request.outputShapes, offer.outputs))
      + Array(zip(request.weightShapes, offer.weights))
  }

  private static func move(_ values: [Float], count: Int, _ kernel: any Kernel) throws -> [Float] {
    var (source, target) = (values, [Float](repeating: .nan, count: count))
    try source.withUnsafeMutableBufferPointer { from in
      try target.withUnsafeMutableBufferPointer { to in
        var arguments = KernelArguments<UnsafeMutablePointer<Float>>()
        arguments.inputs = [try #require(from.baseAddress)]
        arguments.outputs = [try #require(to.baseAddress)]
        try kernel.bind(arguments).run(RunContext(seed: 0, iteration: 0, pool: SerialPool(), faults: FaultLog()))
      }
    }
    return target
  }

  @Test("change to blocks in front of a pooling, which has no fast kernel in others", arguments: ["AVE", "MAX"])
  func pooling(_ method: String) throws {
    // The library takes such a convolution to channels last.
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 120 dim: 9 dim: 9 } } }
      layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: 240 kernel_size: 1 group: 3 } }
      layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'y' pooling_param { pool: \(method) kernel_size: 3 stride: 2 } }
      """)
    let plan = try net.plan(.inference, [try OneDNNBackend()])
    let kernel = try #require(plan.steps.first { $0.name == "p" && $0.kind == .forward }).kernel.implementation
    #expect(kernel.hasPrefix("jit") || !OneDNNLibrary.instructionSet.hasPrefix("avx"), "\(kernel)")
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    #expect(Tolerance(absolute: 1e-5, relative: 1e-4).mismatches(fast.observedTops, plain.observedTops, "") == [])
  }

  @Test(
    "of one pixel are dense where channels fill their blocks: behind a global pooling nothing is moved", arguments: [32, 40, 41])
  func onePixel(channels: Int) throws {
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 3 dim: 16 dim: 9 dim: 9 } } }
      layer { name: 'c' type: 'Convolution' bottom: 'x' top: 'c' convolution_param { num_output: \(channels) kernel_size: 3 } }
      layer { name: 'p' type: 'Pooling' bottom: 'c' top: 'p' pooling_param { pool: AVE global_pooling: true } }
      layer { name: 'f' type: 'InnerProduct' bottom: 'p' top: 'f' inner_product_param { num_output: 10 } }
      layer { name: 'e' type: 'Convolution' bottom: 'p' top: 'e' convolution_param { num_output: 16 kernel_size: 1 } }
      """)
    let plan = try net.plan(.inference, [try OneDNNBackend()], threads: 2)
    let isMoved = plan.steps.contains { $0.kind == .reorder && $0.name == "p" }
    // Blocks are of 16 or 8 channels, as the CPU's vectors are.
    if OneDNNLibrary.instructionSet.hasPrefix("avx512") { #expect(isMoved == (channels % 16 != 0)) }
    let (fast, plain) = (try net.session(plan), try net.session(net.plan(.inference, [])))
    for session in [fast, plain] { try session.forward() }
    #expect(Tolerance(absolute: 1e-5, relative: 1e-4).mismatches(fast.observedTops, plain.observedTops, "") == [])
  }

  @Test(
    "give back every value exactly",
    arguments: [([2, 3, 9, 7], 1), ([1, 16, 8, 8], 1), ([3, 20, 5, 6], 1), ([2, 32, 7, 5], 2)])
  func roundTrip(dims: [Int], group: Int) throws {
    let backend = try OneDNNBackend()
    let chosen = try Self.layouts(backend, Shape(dims), group: group).filter { $0.1 != .dense }
    #expect(!chosen.isEmpty)
    for (shape, layout) in chosen {
      let values = SampleValues.uniform(-9...9).tensor(shape, RandomStream(seed: 1, path: 0)).values
      let there = try #require(backend.reorder(shape, from: .dense, to: layout))
      let back = try #require(backend.reorder(shape, from: layout, to: .dense))
      let packed = try Self.move(values, count: layout.byteCount(shape) / 4, there)
      #expect(packed != values, "\(layout) is no other order")
      #expect(try Self.move(packed, count: shape.count, back) == values, "\(layout)")
    }
  }

  @Test("are known to their own backend only")
  func foreign() throws {
    let backend = try OneDNNBackend()
    let foreign = Layout.opaque(OpaqueLayout(backend: "other", token: [1], byteCount: 64, name: "strange"))
    #expect(backend.reorder([16], from: foreign, to: .dense) == nil)
    #expect(backend.concatenatesInMemory(foreign, shape: [16]) == false)
  }
}

/// Passes every request on to another backend and keeps what it offers.
private final class OfferRecorder: Backend {
  let name = "recorder"
  private let backend: any Backend
  private let kept = Mutex<[(KernelRequest, KernelOffer)]>([])
  var offers: [(KernelRequest, KernelOffer)] { kept.withLock { $0 } }

  init(_ backend: any Backend) { self.backend = backend }

  func offer(_ request: KernelRequest) -> KernelOffer? {
    let offer = backend.offer(request)
    if let offer { kept.withLock { $0.append((request, offer)) } }
    return offer
  }

  func reorder(_ shape: Shape, from: Layout, to: Layout) -> (any Kernel)? { backend.reorder(shape, from: from, to: to) }
}
