import CKernels
import CaffeCore
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

private let canRun: Bool = {
  let can = ckernels_has_blocks(16) != 0 && OneDNNLibrary.emulatesBF16
  if !can { print("skipping kernels for images of bf16: this CPU has no AVX-512") }
  return can
}()

@Suite("Layers between convolutions, on images of bf16", .enabled(if: canRun))
struct BFloat16ImageTests {
  private static func net(_ shape: Shape, _ layers: String) throws -> SampleNet {
    let dims = shape.dims.map { "dim: \($0)" }.joined(separator: " ")
    return try SampleNet("layer { name: 'x' type: 'Input' top: 'x' input_param { shape { \(dims) } } }\n" + layers)
  }

  /// A net's outputs by the reference for one input.
  private static func expected(_ net: SampleNet, _ input: Tensor) throws -> [String: Tensor] {
    let session = try net.session(net.plan(.inference, []))
    try session.setInput("x", input)
    try session.forward()
    return session.observedTops
  }

  @Test("normalise as in fp32 but for rounding, and take the largest number of each window, for random sizes and threads")
  func random() throws {
    var random = SequentialRandom(RandomStream(seed: 31, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for _ in 0..<20 {
      let kernel = [pick(1...5), pick(1...5)]
      let shape: Shape = [pick(1...3), pick(1...70), kernel[0] + pick(0...12), kernel[1] + pick(0...12)]
      let lrn = "layer { name: 'n' type: 'LRN' bottom: 'x' top: 'n' lrn_param { local_size: \(2 * pick(0...4) + 1) alpha: 0.5 } }"
      let window =
        "kernel_h: \(kernel[0]) kernel_w: \(kernel[1]) stride_h: \(pick(1...min(3, kernel[0]))) stride_w: \(pick(1...min(3, kernel[1]))) "
        + "pad_h: \(pick(0...kernel[0] - 1)) pad_w: \(pick(0...kernel[1] - 1))"
      func pool(_ bottom: String) -> String {
        "layer { name: 'p' type: 'Pooling' bottom: '\(bottom)' top: 'p' pooling_param { \(window) } }"
      }
      let net = try Self.net(shape, lrn + "\n" + pool("n"))
      let plan = try net.plan(
        .inference, [try OneDNNBackend(bf16: .vectors)], threads: pick(1...3), observing: nil, precision: .bf16)
      let kernels = plan.steps.filter { $0.kind == .forward }.map(\.kernel.implementation)
      #expect(kernels == ["lrn bf16:avx512", "max bf16:avx512"], "\(kernels)")
      let fast = try net.session(plan)
      try fast.forward()
      let (normalised, pooled) = (try #require(fast.output("n")), try #require(fast.output("p")))
      let input = try Tensor(shape, values: #require(fast.input("x")).map(BFloat16.rounded))
      let plain = try Self.expected(Self.net(shape, lrn), input)
      #expect(Tolerance(absolute: 1e-6, relative: 0x1p-8).mismatches(["n": normalised], plain) == [], "\(shape) \(lrn)")
      #expect(try Self.expected(Self.net(shape, pool("x")), normalised) == ["p": pooled], "\(shape) \(window)")
    }
  }

  @Test("tell negative numbers, zeros and infinities apart by windows")
  func order() {
    let values: [Float] = [-.infinity, -3.5, -0.25, -0.0, 0, 0x1p-100, 2, .infinity]
    let images = values.flatMap { value in [UInt16](repeating: BFloat16.nearest(value), count: 16) }
    for (kernel, expected) in [(1, values), (2, Array(values.dropFirst())), (8, [.infinity])] {
      var shape = ckmax_shape(
        height: 1, width: 8, output_width: Int32(expected.count), kernel_height: 1, kernel_width: Int32(kernel), stride_height: 1,
        stride_width: 1, pad_height: 0, pad_width: 0)
      var line = [Int16](repeating: 0, count: 8 * 16)
      var output = [UInt16](repeating: 0, count: expected.count * 16)
      ckmax_rows(&shape, images, 0, 1, &line, &output)
      #expect(output.map(BFloat16.widened) == expected.flatMap { [Float](repeating: $0, count: 16) })
    }
  }

  @Test("give no number for a window that has none, of whatever sign", arguments: [0x7FC0, 0xFFC0, 0xFF81] as [UInt16])
  func none(bits: UInt16) {
    for width in [1, 2, 3] {
      var shape = ckmax_shape(
        height: 2, width: Int32(width), output_width: 1, kernel_height: 2, kernel_width: Int32(width), stride_height: 1,
        stride_width: 1, pad_height: 0, pad_width: 0)
      var image = [UInt16](repeating: BFloat16.nearest(.infinity), count: 2 * width * 16)
      image[image.count - 3] = bits
      var line = [Int16](repeating: 0, count: width * 16)
      var output = [UInt16](repeating: 0, count: 16)
      ckmax_rows(&shape, image, 0, 1, &line, &output)
      #expect(output.map { BFloat16.widened($0).isNaN } == (0..<16).map { $0 == 13 })
    }
  }
}
