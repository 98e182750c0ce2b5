import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Local response normalisation across channels: by our own kernel where it can be, else by oneDNN, which has fast ones for some
/// sizes only.
struct LRNOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let size: Int
  let alpha, beta, k: Float

  init(_ backend: OneDNNBackend, _ request: KernelRequest, size: Int, alpha: Float, beta: Float, k: Float) {
    self.backend = backend
    self.request = request
    self.size = size
    self.alpha = alpha
    self.beta = beta
    self.k = k
  }

  func make() throws -> KernelOffer? {
    guard request.inputShapes[0].count > 0 else { return nil }
    if let lrn = BlockedLRN(request.inputShapes[0], backend.imageElement(request), size: size, alpha: alpha, beta: beta, k: k) {
      return try offer(lrn)
    }
    return try libraryOffer()
  }

  /// In inference alone: in training the reference is asked where our own kernel cannot be had.
  private func libraryOffer() throws -> KernelOffer? {
    guard !request.needsBackward else { return nil }
    let layout = try backend.imageLayout(request.inputLayouts[0], request.inputShapes[0])
    let image = try backend.descriptor(layout, request.inputShapes[0])
    let forward = try DNNPrimitive("LRN") {
      cdnn_lrn_forward(&$0, backend.engine.handle, image.handle, Int64(size), alpha, beta, k)
    }
    guard !forward.isReference else { return nil }
    return KernelOffer(
      forward: ImageForward(engine: backend.engine, primitive: forward, formats: ImageFormats(source: image, destination: image)),
      inputs: [layout], outputs: [layout], forwardScratch: [forward.byteCount(Argument.scratchpad)])
  }

  private func offer(_ lrn: BlockedLRN) throws -> KernelOffer {
    let layout = try backend.layout(.blocked(request.inputShapes[0].dims, lrn.element))
    var offer = KernelOffer(forward: BlockedLRNForward(lrn: lrn), inputs: [layout], outputs: [layout])
    guard request.needsBackward else { return offer }
    offer.backward = BlockedLRNBackward(lrn: lrn)
    offer.backwardScratch = [request.threads * lrn.scratchCount * 4]
    offer.backwardReads = [.bottom(0)]
    return offer
  }
}
