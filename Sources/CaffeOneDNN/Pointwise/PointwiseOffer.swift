import CaffeCore
import CaffeGraph
import CaffePlan

/// Our convolution with 1x1 filters, for inference.
struct PointwiseOffer {
  private let backend: OneDNNBackend
  private let request: KernelRequest
  private let geometry: PointwiseGeometry

  /// nil where it cannot be had.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest, _ convolution: ConvolutionGeometry) {
    guard request.purpose == .inference, backend.imageElement(request) == .float32, request.bottomCount == 1,
      request.inputShapes[0].rank == 4,
      let geometry = PointwiseGeometry(
        convolution, threads: request.threads, outputStride: request.wholeChannels.map { $0 * convolution.output.reduce(1, *) })
    else { return nil }
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  func make() throws -> KernelOffer {
    var offer = KernelOffer(
      forward: PointwiseForward(geometry: geometry, hasBias: request.hasBias, relu: request.operation.relu),
      inputs: [try backend.layout(.blocked(request.inputShapes[0].dims))],
      outputs: [try backend.outputLayout(request)],
      weights: [PointwiseFilters(geometry).layout] + (request.hasBias ? [.dense] : []),
      forwardScratch: geometry.picks ? [geometry.batch * geometry.pickedStride * 4] : [])
    offer.takeAddend(of: request)
    return offer
  }
}
