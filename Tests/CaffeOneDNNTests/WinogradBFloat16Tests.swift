import CKernels
import CaffeCore
import CaffeOneDNN
import CaffePlan
import CaffeTesting
import Testing

private let canRun: Bool = {
  let can = ckernels_has_blocks(16) != 0 && OneDNNLibrary.emulatesBF16
  if !can { print("skipping Winograd's convolution in bf16: this CPU has no AVX-512") }
  return can
}()

/// Filters of 3 and, in parts, of 5; with the CPU's products of bf16 where it has them, and with floats in their place.
@Suite("Winograd's convolution in bf16", .enabled(if: canRun))
struct WinogradBFloat16Tests {
  private static let numbers = [CKWINO_BF16_EMULATED] + (ckernels_multiplies_bf16() != 0 ? [CKWINO_BF16] : [])

  /// A convolution of one image, stride 1, of whole blocks of channels.
  struct Case {
    var inputs = 32
    var outputs = 48
    var size = 3
    var height = 9
    var width = 12
    var pad = 1

    var outputHeight: Int { height + 2 * pad - size + 1 }
    var outputWidth: Int { width + 2 * pad - size + 1 }

    func shape(_ numbers: Int) -> ckwino_shape {
      ckwino_shape(
        numbers: Int32(numbers), points: 4, kernel: 3, parts: size == 3 ? 1 : 2, lanes: 16, input_blocks: Int32(inputs / 16),
        output_blocks: Int32(outputs / 16), panels: 2, height: Int32(height), width: Int32(width),
        output_height: Int32(outputHeight), output_width: Int32(outputWidth), pad_height: Int32(pad), pad_width: Int32(pad),
        tile_rows: Int32((outputHeight + 1) / 2), tile_columns: Int32((outputWidth + 1) / 2),
        image_stride: Int64(inputs * height * width), output_stride: Int64(outputs * outputHeight * outputWidth))
    }
  }

  private static func values(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = SequentialRandom(RandomStream(seed: seed, path: 1))
    return (0..<count).map { _ in BFloat16.rounded(Float(random.uniform()) * 2 - 1) }
  }

  /// Values (channels, height, width) as bf16 in blocks of 16 channels.
  private static func blocked(_ values: [Float], pixels: Int) -> [UInt16] {
    (0..<values.count).map { place in
      let (block, rest) = place.quotientAndRemainder(dividingBy: pixels * 16)
      return BFloat16.nearest(values[(block * 16 + rest % 16) * pixels + rest / 16])
    }
  }

  /// The kernel's outputs, one after the other as they lie in memory, and the filters it has unpacked again.
  private static func run(_ item: Case, _ numbers: Int, image: [Float], filters: [Float], bias: [Float]) -> (
    outputs: [Float], filters: [Float]
  ) {
    var shape = item.shape(numbers)
    let (tiles, depth) = (Int(shape.tile_rows * shape.tile_columns), item.inputs * Int(shape.parts * shape.parts))
    var packed = [UInt16](repeating: 0, count: Int(ckwino_filter_bytes(&shape)) / 2)
    var planes = [UInt16](repeating: 0, count: 16 * tiles * depth)
    var products = [Float](repeating: 0, count: 16 * tiles * 64)
    var outputs = [UInt16](repeating: 0, count: item.outputs * item.outputHeight * item.outputWidth)
    var unpacked = [Float](repeating: .nan, count: filters.count)
    ckwino_pack(&shape, filters, 0, 0, 2, &packed)
    ckwino_input(
      &shape, blocked(image, pixels: item.height * item.width), 0, Int32(tiles), 0, Int32(depth / 16), &planes,
      Int64(tiles * depth))
    for panel in 0..<Int32(2) {
      ckwino_output(
        &shape, planes, Int64(tiles * depth), packed, panel, 0, Int32(tiles), &products, bias, nil, 1, 0.5, &outputs)
    }
    ckwino_unpack(&shape, packed, 0, 2, &unpacked)
    return (outputs.map(BFloat16.widened), unpacked)
  }

  /// The same by the definition, in doubles.
  private static func expected(_ item: Case, image: [Float], filters: [Float], bias: [Float]) -> [Float] {
    let (rows, columns) = (item.outputHeight, item.outputWidth)
    return (0..<item.outputs * rows * columns).map { place in
      let (block, rest) = place.quotientAndRemainder(dividingBy: rows * columns * 16)
      let (output, row, column) = (block * 16 + rest % 16, rest / 16 / columns, rest / 16 % columns)
      var sum = Double(bias[output])
      for input in 0..<item.inputs {
        for i in 0..<item.size {
          for j in 0..<item.size {
            let (y, x) = (row + i - item.pad, column + j - item.pad)
            guard (0..<item.height).contains(y), (0..<item.width).contains(x) else { continue }
            sum +=
              Double(image[(input * item.height + y) * item.width + x])
              * Double(filters[((output * item.inputs + input) * item.size + i) * item.size + j])
          }
        }
      }
      return Float(sum < 0 ? sum / 2 : sum)
    }
  }

  @Test(
    "is the definition's but for rounding, with bias and ReLU",
    arguments: [
      Case(), Case(height: 6, width: 5, pad: 0), Case(inputs: 48, outputs: 32, height: 7, width: 7, pad: 2),
      Case(size: 5, pad: 2), Case(inputs: 16, outputs: 48, size: 5, height: 8, width: 11, pad: 0),
    ])
  func definition(_ item: Case) {
    let image = Self.values(item.inputs * item.height * item.width, 3)
    let (filters, bias) = (Self.values(item.outputs * item.inputs * item.size * item.size, 4), Self.values(item.outputs, 5))
    let expected = Self.expected(item, image: image, filters: filters, bias: bias)
    let spread = (expected.reduce(0) { $0 + $1 * $1 } / Float(expected.count)).squareRoot()
    for numbers in Self.numbers {
      let (outputs, unpacked) = Self.run(item, numbers, image: image, filters: filters, bias: bias)
      let errors = zip(outputs, expected).map { abs($0 - $1) / spread }
      // The tiles' numbers are rounded to 8 bits: sums of so many of them are off by half a percent, and seldom by six times that.
      #expect((errors.reduce(0) { $0 + $1 * $1 } / Float(errors.count)).squareRoot() < 0.006)
      #expect(errors.max() ?? 0 < 0.04)
      #expect(zip(unpacked, filters).allSatisfy { abs($0 - $1) < 0.02 })
    }
  }

  private static func net(_ kernel: Int) throws -> SampleNet {
    let sizes = "num_output: 128 kernel_size: \(kernel) pad: \(kernel / 2)"
    return try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 128 dim: 17 dim: 15 } } }
      layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { \(sizes) } }
      layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { \(sizes) group: \(kernel == 3 ? 2 : 1) } }
      layer { name: 'r' type: 'ReLU' bottom: 'b' top: 'b' }
      layer { name: 'c' type: 'Convolution' bottom: 'b' top: 'c' convolution_param { \(sizes) } }
      layer { name: 's' type: 'Eltwise' bottom: 'a' bottom: 'c' top: 's' }
      """)
  }

  @Test(
    "is taken for images of bf16 between layers, adds blobs, and has the same bits for any number of threads", arguments: [3, 5])
  func layers(_ kernel: Int) throws {
    let net = try Self.net(kernel)
    let backend = try OneDNNBackend(bf16: .vectors)
    let results = try [1, 2, 3].map { threads in
      let session = try net.session(net.plan(.inference, [backend], threads: threads, precision: .bf16))
      let kernels = session.plan.steps.filter { $0.kind == .forward }.map(\.kernel.implementation)
      #expect(kernels.allSatisfy { $0.hasPrefix("winograd:avx512") && $0.hasSuffix("2x2_\(kernel)x\(kernel)") }, "\(kernels)")
      #expect(session.plan.residents.filter { $0.shape.rank == 4 }.allSatisfy { $0.layout.description == "winograd bf16" })
      try session.forward()
      return session.observedTops
    }
    #expect(results.allSatisfy { $0 == results[0] })
    let plain = try net.session(net.plan(.inference, []))
    try plain.forward()
    #expect(Tolerance(absolute: 2e-2, relative: 0x1p-5).mismatches(results[0], plain.observedTops, "") == [])
  }

  @Test("writes between the other channels of a Concat", arguments: [3, 5])
  func concat(_ kernel: Int) throws {
    let sizes = "num_output: 128 kernel_size: \(kernel) pad: \(kernel / 2)"
    let net = try SampleNet(
      """
      layer { name: 'x' type: 'Input' top: 'x' input_param { shape { dim: 2 dim: 128 dim: 17 dim: 15 } } }
      layer { name: 'a' type: 'Convolution' bottom: 'x' top: 'a' convolution_param { \(sizes) } }
      layer { name: 'b' type: 'Convolution' bottom: 'x' top: 'b' convolution_param { \(sizes) } }
      layer { name: 'c' type: 'Concat' bottom: 'a' bottom: 'b' top: 'c' }
      """)
    let (fast, plain) = (
      try net.session(net.plan(.inference, [try OneDNNBackend(bf16: .vectors)], threads: 2, precision: .bf16)),
      try net.session(net.plan(.inference, []))
    )
    #expect(fast.plan.steps.filter { $0.kind == .forward }.map(\.name) == ["a", "b"])
    #expect(fast.plan.steps.filter { $0.kind == .forward }.allSatisfy { $0.kernel.implementation.hasPrefix("winograd") })
    for session in [fast, plain] { try session.forward() }
    #expect(Tolerance(absolute: 2e-2, relative: 0x1p-5).mismatches(fast.observedTops, plain.observedTops, "") == [])
  }

  @Test("leaves the library's convolutions in bf16 where it is switched off")
  func leftOut() throws {
    let plan = try Self.net(3).plan(
      .inference, [try OneDNNBackend(bf16: .vectors)], without: [Passes.winograd], precision: .bf16)
    #expect(!plan.steps.contains { $0.kernel.implementation.hasPrefix("winograd") })
  }
}
