import CKernels
import COneDNN
import CaffeGraph
import CaffePlan

/// A depthwise convolution and the 1x1 convolution behind it, together a separable one (MobileNet, Howard et al. 2017), band by band:
/// some rows of the first are computed and stay near the core while the second reads them.
struct SeparableGeometry: Sendable {
  let depthwise: DepthwiseGeometry
  let pointwise: PointwiseGeometry
  /// Bands that the rows of an output are shared out over.
  let bands: Int

  /// nil for convolutions that are no such pair, for depthwise filters that are not three columns wide, for so few pixels or rows that
  /// threads rather share out something else, and for so many filters that they do not stay near a core beside a band: then it is them
  /// that have to be fetched ahead, and not the images.
  ///
  /// - Parameter outputStride: floats from one image of the output to the next, where that is more than an image.
  init?(_ first: ConvolutionGeometry, _ second: ConvolutionGeometry, threads: Int, outputStride: Int?) {
    guard let depthwise = DepthwiseGeometry(first), second.stride == [1, 1], first.output == second.input,
      first.outputChannels == second.inputChannels,
      second.inputChannels * second.outputChannels <= SeparableGeometry.mostFilters,
      let pointwise = PointwiseGeometry(second, threads: threads, outputStride: outputStride), !pointwise.sharesPanels
    else { return nil }
    self.depthwise = depthwise
    self.pointwise = pointwise
    let length = max(SeparableGeometry.fewestPixels, SeparableGeometry.most / first.inputChannels)
    bands = evenParts(max(1, pointwise.pixels / length), batch: pointwise.batch, threads: threads)
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
  var implementation: String { "separable:\(depthwise.shape.lanes == 16 ? "avx512" : "avx2")" }
  /// Rows of an output.
  var rows: Int { depthwise.rows }
  /// Pixels of the largest band.
  var bandPixels: Int { (rows + bands - 1) / bands * Int(depthwise.shape.output_width) }
  /// Floats of a worker's band.
  var bandCount: Int { Int(pointwise.shape.input_blocks * pointwise.shape.lanes) * bandPixels }

  func rows(ofBand band: Int) -> Range<Int> { band * rows / bands..<(band + 1) * rows / bands }

  /// Lines of the input under a band.
  func lines(ofBand band: Int) -> Range<Int> {
    let shape = depthwise.shape
    let (rows, stride, pad) = (rows(ofBand: band), Int(shape.stride_height), Int(shape.pad_height))
    let reach = Int((shape.kernel_height - 1) * shape.dilation_height)
    let first = max(0, rows.lowerBound * stride - pad)
    return first..<max(first, min(Int(shape.height), (rows.upperBound - 1) * stride - pad + reach + 1))
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
      geometry: geometry,
      depthwise: DepthwiseWork(
        geometry: geometry.depthwise, relu: first.relu, filters: memory.weights[0], bias: count > 1 ? memory.weights[1] : nil,
        source: memory.inputs[0]), bands: memory.scratch[0],
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
  let depthwise: DepthwiseWork
  let bands: UnsafeMutablePointer<Float>
  let pointwise: PointwiseWork

  func run(_ pool: any ComputePool) {
    let width = Int(geometry.depthwise.shape.output_width)
    pool.run(units: geometry.pointwise.batch * geometry.bands) { unit, worker in
      let (image, band) = unit.quotientAndRemainder(dividingBy: geometry.bands)
      let (rows, own) = (geometry.rows(ofBand: band), bands + worker * geometry.bandCount)
      for block in 0..<geometry.depthwise.blocks {
        depthwise.convolve(image, block, rows, to: own + block * geometry.bandPixels * Int(pointwise.shape.lanes))
      }
      pointwise.multiply(
        own, image: image, panels: 0..<Int(pointwise.shape.panels), pixels: rows.lowerBound * width..<rows.upperBound * width,
        coming: lines(unit + 1))
    }
  }

  /// The lines that a unit reads; threads mostly come to the next one.
  private func lines(_ unit: Int) -> ckpoint_coming {
    let (image, band) = unit.quotientAndRemainder(dividingBy: geometry.bands)
    guard image < geometry.pointwise.batch else { return ckpoint_coming() }
    let (lines, shape) = (geometry.lines(ofBand: band), geometry.depthwise.shape)
    let line = Int(shape.width * shape.lanes)
    return ckpoint_coming(
      start: depthwise.source + image * geometry.depthwise.inputStride + lines.lowerBound * line,
      count: Int64(lines.count * line),
      stride: Int64(Int(shape.height) * line), stretches: pointwise.shape.input_blocks)
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
