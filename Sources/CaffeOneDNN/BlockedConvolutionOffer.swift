import CKernels
import CaffeCore
import CaffeGraph
import CaffePlan

/// Our own convolutions on blocked images, for inference: by tiles of bf16 where the CPU multiplies these, Winograd's where it pays, and in
/// fp32 those for 1x1 filters and for one filter a channel.
struct BlockedConvolutionOffer {
  private let backend: OneDNNBackend
  private let request: KernelRequest
  private let convolution: ConvolutionGeometry

  /// nil for other purposes, and for images that are not blobs of four axes.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest, _ convolution: ConvolutionGeometry) {
    guard request.purpose == .inference, request.bottomCount == 1, request.inputShapes[0].rank == 4 else { return nil }
    self.backend = backend
    self.request = request
    self.convolution = convolution
  }

  /// nil where there is none.
  func make() throws -> KernelOffer? {
    // Numbers from one image of the output to the next, where a Concat has other channels between them.
    let stride = request.wholeChannels[0].map { $0 * convolution.output.reduce(1, *) }
    let element = backend.imageElement(request)
    let (hasBias, relu) = (request.hasBias, request.operation.relu)
    if element == .bfloat16, let offer = try tiles(outputStride: stride) { return offer }
    if !request.withoutPasses.contains(Passes.winograd),
      let geometry = WinogradGeometry(convolution, WinogradNumbers(element), threads: request.threads, outputStride: stride)
    {
      let schedule = WinogradSchedule(geometry)
      return try offer(
        WinogradForward(geometry: geometry, schedule: schedule, hasBias: hasBias, relu: relu), WinogradFilters(geometry).layout,
        scratch: schedule.scratchBytes(geometry))
    }
    guard element == .float32 else { return nil }
    if !request.withoutPasses.contains(Passes.winograd),
      let geometry = PhasedGeometry(convolution, threads: request.threads, outputStride: stride)
    {
      let forward = PhasedForward(geometry, hasBias: hasBias, relu: relu)
      var offer = try offer(forward, PhasedFilters(geometry).layout, scratch: forward.scratchBytes)
      offer.inputs[0] = .dense
      return offer
    }
    if let geometry = DepthwiseGeometry(convolution, outputStride: stride), request.inputShapes.count == 1 {
      return try offer(
        DepthwiseForward(geometry: geometry, hasBias: hasBias, relu: relu),
        try backend.layout(.blocked([1, convolution.outputChannels] + convolution.kernel)), scratch: [])
    }
    guard let geometry = PointwiseGeometry(convolution, threads: request.threads, outputStride: stride) else { return nil }
    return try offer(
      PointwiseForward(convolutions: [.init(geometry: geometry, hasBias: hasBias, relu: relu)]),
      PointwiseFilters(geometry).layout,
      scratch: geometry.scratchBytes)
  }

  /// nil where tiles are not what computes bf16, or cannot compute this.
  private func tiles(outputStride: Int?) throws -> KernelOffer? {
    guard backend.bf16 == .tiles, !convolution.isDepthwise,
      let geometry = TileGeometry(convolution, isEmulated: ckernels_multiplies_tiles() == 0, outputStride: outputStride)
    else { return nil }
    let forward = TileForward(
      geometry: geometry, threads: request.threads, isImagewise: !request.withoutPasses.contains(Passes.imageByImage),
      hasBias: request.hasBias, relu: request.operation.relu)
    var offer = try offer(forward, TileFilters(geometry).layout, scratch: forward.scratchBytes)
    if geometry.isInterleaved { offer.inputs[0] = .dense }
    return offer
  }

  private func offer(_ forward: any Kernel, _ filters: Layout, scratch: [Int]) throws -> KernelOffer {
    var offer = KernelOffer(
      forward: forward, inputs: [try backend.layout(.blocked(request.inputShapes[0].dims, backend.imageElement(request)))],
      outputs: [try backend.outputLayout(request)], weights: [filters] + (request.hasBias ? [.dense] : []),
      forwardScratch: scratch)
    offer.takeAddend(of: request)
    return offer
  }
}
