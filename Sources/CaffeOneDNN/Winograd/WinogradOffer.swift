import CaffeCore
import CaffeGraph
import CaffePlan

/// Winograd's convolution for inference, where it pays.
struct WinogradOffer {
  private let backend: OneDNNBackend
  private let request: KernelRequest
  private let geometry: WinogradGeometry

  /// nil where it cannot be had, does not pay, or is switched off.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest, _ convolution: ConvolutionGeometry) {
    guard request.purpose == .inference, backend.imageElement(request) == .float32,
      !request.withoutPasses.contains(Passes.winograd), request.bottomCount == 1,
      request.inputShapes[0].rank == 4,
      let geometry = WinogradGeometry(
        convolution, threads: request.threads, outputStride: request.wholeChannels.map { $0 * convolution.output.reduce(1, *) })
    else { return nil }
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  func make() throws -> KernelOffer {
    let schedule = WinogradSchedule(geometry)
    var offer = KernelOffer(
      forward: WinogradForward(geometry: geometry, schedule: schedule, hasBias: request.hasBias, relu: request.operation.relu),
      inputs: [try backend.layout(.blocked(request.inputShapes[0].dims))],
      outputs: [try backend.outputLayout(request)],
      weights: [WinogradFilters(geometry).layout] + (request.hasBias ? [.dense] : []),
      forwardScratch: schedule.scratchBytes(geometry))
    offer.takeAddend(of: request)
    return offer
  }
}
