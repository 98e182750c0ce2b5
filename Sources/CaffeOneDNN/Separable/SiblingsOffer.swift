import CaffeCore
import CaffeGraph
import CaffePlan

/// One kernel for 1x1 convolutions of the same images, for inference: what a run of pixels becomes in each is computed while the run is
/// near the core, and threads meet once.
struct SiblingsOffer {
  let backend: OneDNNBackend
  let request: KernelRequest

  /// nil for others, and for other precisions and purposes.
  func make() throws -> KernelOffer? {
    guard request.purpose == .inference, backend.imageElement(request) == .float32, request.inputShapes.count == 1,
      request.inputShapes[0].rank == 4, let convolutions = convolutions()
    else { return nil }
    return KernelOffer(
      forward: PointwiseForward(convolutions: convolutions),
      inputs: [try backend.layout(.blocked(request.inputShapes[0].dims))],
      outputs: try convolutions.indices.map { try backend.outputLayout(request, output: $0) },
      weights: convolutions.flatMap { [PointwiseFilters($0.geometry).layout] + ($0.hasBias ? [.dense] : []) },
      forwardScratch: convolutions[0].geometry.scratchBytes)
  }

  /// nil unless all of them are such.
  private func convolutions() -> [PointwiseConvolution]? {
    let parts = request.operation.parts.compactMap { part -> (Program.Operation, ConvolutionGeometry)? in
      if case .convolution(let geometry)? = part.signature.primitive { (part, geometry) } else { nil }
    }
    let channels = parts.reduce(0) { $0 + $1.1.outputChannels }
    let found = zip(parts, request.wholeChannels).compactMap { part, whole -> PointwiseConvolution? in
      let (operation, geometry) = part
      return PointwiseGeometry(
        geometry, threads: request.threads, outputStride: whole.map { $0 * geometry.output.reduce(1, *) },
        siblingChannels: channels - geometry.outputChannels
      ).map { PointwiseConvolution(geometry: $0, hasBias: operation.weights.count > 1, relu: operation.relu) }
    }
    return found.count == request.operation.parts.count ? found : nil
  }
}
