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
    if backend.imageElement(request) == .float32,
      let lrn = BlockedLRN(request.inputShapes[0], size: size, alpha: alpha, beta: beta, k: k)
    {
      return try offer(lrn)
    }
    let layout = try backend.imageLayout(request.inputLayouts[0], request.inputShapes[0])
    let image = try backend.descriptor(layout, request.inputShapes[0])
    let isTraining = request.needsBackward
    let engine = backend.engine
    let forward = try DNNPrimitive("LRN") {
      cdnn_lrn_forward(&$0, engine.handle, isTraining ? 1 : 0, image.handle, Int64(size), alpha, beta, k)
    }
    guard !forward.isReference else { return nil }
    let formats = ImageFormats(source: image, destination: image)
    var offer = KernelOffer(
      forward: ImageForward(engine: engine, primitive: forward, formats: formats), inputs: [layout], outputs: [layout],
      saved: isTraining ? [forward.byteCount(Argument.workspace)] : [], forwardScratch: [forward.byteCount(Argument.scratchpad)])
    guard isTraining else { return offer }
    let backward = try DNNPrimitive("LRN's backward") {
      cdnn_lrn_backward(&$0, engine.handle, image.handle, image.handle, Int64(size), alpha, beta, k, forward.handle)
    }
    guard !backward.isReference else { return nil }
    offer.backward = ImageBackward(
      engine: engine, primitive: backward, formats: formats, workspace: try forward.descriptor(Argument.workspace),
      readsInput: true)
    offer.backwardScratch = [backward.byteCount(Argument.scratchpad)]
    offer.backwardReads = [.bottom(0)]
    return offer
  }

  private func offer(_ lrn: BlockedLRN) throws -> KernelOffer {
    let layout = try backend.layout(.blocked(request.inputShapes[0].dims))
    var offer = KernelOffer(forward: BlockedLRNForward(lrn: lrn), inputs: [layout], outputs: [layout])
    guard request.needsBackward else { return offer }
    offer.backward = BlockedLRNBackward(lrn: lrn)
    offer.backwardScratch = [request.threads * lrn.scratchCount * 4]
    offer.backwardReads = [.bottom(0)]
    return offer
  }
}
