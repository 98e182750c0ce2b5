import CKernels
import COneDNN
import CaffeGraph
import CaffePlan

/// A depthwise convolution and the 1x1 convolution behind it, together a separable one (MobileNet, Howard et al. 2017), band by band:
/// some rows of the first are computed and stay near the core while the second reads them.
struct SeparableGeometry: Sendable {
  let depthwise: ckdepth_shape
  let pointwise: PointwiseGeometry
  /// Rows of an output, and bands that they are shared out over.
  let rows, bands: Int
  /// Floats of the input from one image to the next.
  let inputStride: Int

  /// nil for convolutions that are no such pair, for depthwise filters that are not three columns wide, for so few pixels or rows that
  /// threads rather share out something else, and for so many filters that they do not stay near a core beside a band: then it is them
  /// that have to be fetched ahead, and not the images.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ first: ConvolutionGeometry, _ second: ConvolutionGeometry, threads: Int, outputStride: Int?) {
    let sizes = first.input + first.output + first.kernel + first.stride + first.pad + first.dilation
    guard first.isDepthwise, first.input.count == 2, first.kernel[1] == 3, first.dilation[1] == 1, first.stride[1] <= 2,
      first.pad[1] <= 1, sizes.allSatisfy({ Int32(exactly: $0) != nil }), second.stride == [1, 1],
      first.output == second.input, first.outputChannels == second.inputChannels,
      second.inputChannels * second.outputChannels <= SeparableGeometry.mostFilters,
      let pointwise = PointwiseGeometry(second, threads: threads, outputStride: outputStride), !pointwise.sharesPanels
    else { return nil }
    self.pointwise = pointwise
    rows = first.output[0]
    let length = max(SeparableGeometry.fewestPixels, SeparableGeometry.most / first.inputChannels)
    bands = evenParts(max(1, pointwise.pixels / length), batch: pointwise.batch, threads: threads)
    inputStride = first.inputChannels * first.input.reduce(1, *)
    let lanes = pointwise.shape.lanes
    depthwise = ckdepth_shape(
      lanes: lanes, height: Int32(first.input[0]), width: Int32(first.input[1]), output_width: Int32(first.output[1]),
      kernel_height: Int32(first.kernel[0]), stride_height: Int32(first.stride[0]), stride_width: Int32(first.stride[1]),
      pad_height: Int32(first.pad[0]), pad_width: Int32(first.pad[1]), dilation_height: Int32(first.dilation[0]))
    guard bands <= rows, bandCount <= SeparableGeometry.largest else { return nil }
  }

  /// Floats of filters, and of the largest band, that stay near a core together.
  private static let mostFilters = 64 << 10
  private static let largest = 96 << 10
  /// Floats of a band that does not have to be longer.
  private static let most = 16 << 10
  /// Shorter bands read too many lines twice.
  private static let fewestPixels = 256

  /// What `caffe plan` shows.
  var implementation: String { "separable:\(depthwise.lanes == 16 ? "avx512" : "avx2")" }
  /// Pixels of the largest band.
  var bandPixels: Int { (rows + bands - 1) / bands * Int(depthwise.output_width) }
  /// Floats of a worker's band.
  var bandCount: Int { Int(pointwise.shape.input_blocks * pointwise.shape.lanes) * bandPixels }

  func rows(ofBand band: Int) -> Range<Int> { band * rows / bands..<(band + 1) * rows / bands }

  /// Lines of the input under a band.
  func lines(ofBand band: Int) -> Range<Int> {
    let (rows, stride, pad) = (rows(ofBand: band), Int(depthwise.stride_height), Int(depthwise.pad_height))
    let reach = Int((depthwise.kernel_height - 1) * depthwise.dilation_height)
    let first = max(0, rows.lowerBound * stride - pad)
    return first..<max(first, min(Int(depthwise.height), (rows.upperBound - 1) * stride - pad + reach + 1))
  }
}

/// Both convolutions, each with bias and ReLU, and a blob that is added to the output.
struct SeparableForward: Kernel {
  let geometry: SeparableGeometry
  let first: Program.Operation
  let second: Program.Operation

  var implementation: String { geometry.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    let count = first.weights.count
    let work = SeparableWork(
      geometry: geometry, relu: first.relu, filters: memory.weights[0], bias: count > 1 ? memory.weights[1] : nil,
      source: memory.inputs[0], bands: memory.scratch[0],
      pointwise: PointwiseWork(
        shape: geometry.bandShape, outputStride: geometry.pointwise.outputStride, relu: second.relu,
        filters: memory.weights[count],
        bias: memory.weights.count > count + 1 ? memory.weights[count + 1] : nil,
        addend: memory.inputs.count > 1 ? memory.inputs[1] : nil, destination: memory.outputs[0]))
    return BoundClosure { context in work.run(context.pool) }
  }
}

/// The memory of both convolutions, and the order they are worked through in.
// Units write different rows; bands are a worker's own.
private struct SeparableWork: @unchecked Sendable {
  let geometry: SeparableGeometry
  let relu: Float?
  let filters: UnsafeMutablePointer<Float>
  let bias: UnsafeMutablePointer<Float>?
  let source, bands: UnsafeMutablePointer<Float>
  let pointwise: PointwiseWork

  func run(_ pool: any ComputePool) {
    let width = Int(geometry.depthwise.output_width)
    pool.run(units: geometry.pointwise.batch * geometry.bands) { unit, worker in
      let (image, band) = unit.quotientAndRemainder(dividingBy: geometry.bands)
      let (rows, own) = (geometry.rows(ofBand: band), bands + worker * geometry.bandCount)
      convolve(image, rows, to: own)
      pointwise.multiply(
        own, image: image, panels: 0..<Int(pointwise.shape.panels), pixels: rows.lowerBound * width..<rows.upperBound * width,
        coming: lines(unit + pool.threads))
    }
  }

  /// The lines that a unit reads.
  private func lines(_ unit: Int) -> ckpoint_coming {
    let (image, band) = unit.quotientAndRemainder(dividingBy: geometry.bands)
    guard image < geometry.pointwise.batch else { return ckpoint_coming() }
    let (lines, shape) = (geometry.lines(ofBand: band), geometry.depthwise)
    let line = Int(shape.width * shape.lanes)
    return ckpoint_coming(
      start: source + image * geometry.inputStride + lines.lowerBound * line, count: Int64(lines.count * line),
      stride: Int64(Int(shape.height) * line), stretches: pointwise.shape.input_blocks)
  }

  /// Rows of the depthwise convolution, block by block.
  private func convolve(_ image: Int, _ rows: Range<Int>, to band: UnsafeMutablePointer<Float>) {
    let (shape, lanes) = (geometry.depthwise, Int(geometry.depthwise.lanes))
    let (pixels, taps) = (Int(shape.height * shape.width), Int(shape.kernel_height * 3))
    withUnsafePointer(to: shape) { shape in
      for block in 0..<Int(pointwise.shape.input_blocks) {
        ckdepth_rows(
          shape, source + image * geometry.inputStride + block * pixels * lanes, filters + block * taps * lanes,
          bias.map { $0 + block * lanes }, relu == nil ? 0 : 1, relu ?? 0, Int32(rows.lowerBound), Int32(rows.upperBound),
          band + block * geometry.bandPixels * lanes)
      }
    }
  }
}

extension SeparableGeometry {
  /// The 1x1 convolution as it reads a band.
  fileprivate var bandShape: ckpoint_shape {
    var shape = pointwise.shape
    shape.input_pixels = Int64(bandPixels)
    return shape
  }
}

/// Kernels that compute a depthwise convolution and the 1x1 convolution behind it together, for inference.
struct SeparableOffer {
  let backend: OneDNNBackend
  let request: KernelRequest

  /// nil for what is no such pair, and for other precisions and purposes.
  func make() throws -> KernelOffer? {
    let operation = request.operation
    guard request.purpose == .inference, backend.imageElement(request) == .float32, request.inputShapes[0].rank == 4,
      operation.parts.count == 2, !operation.areSiblings,
      case (let first, let second) = (operation.parts[0], operation.parts[1]),
      case .convolution(let depthwise)? = first.signature.primitive,
      case .convolution(let pointwise)? = second.signature.primitive,
      let geometry = SeparableGeometry(
        depthwise, pointwise, threads: request.threads,
        outputStride: request.wholeChannels[0].map { $0 * pointwise.output.reduce(1, *) })
    else { return nil }
    let filters = try backend.layout(.blocked([1, depthwise.outputChannels] + depthwise.kernel))
    let hasBias = operation.weights.count > first.weights.count + 1
    var offer = KernelOffer(
      forward: SeparableForward(geometry: geometry, first: first, second: second),
      inputs: [try backend.layout(.blocked(request.inputShapes[0].dims))], outputs: [try backend.outputLayout(request)],
      weights: [filters] + first.weights.dropFirst().map { _ in .dense } + [PointwiseFilters(geometry.pointwise).layout]
        + (hasBias ? [.dense] : []),
      forwardScratch: [min(request.threads, pointwise.batch * geometry.bands) * geometry.bandCount * 4])
    offer.takeAddend(of: request)
    return offer
  }
}
