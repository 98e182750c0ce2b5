import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// ReLU by oneDNN, in whatever layout its input has.
struct ReLUOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let slope: Float

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ slope: Float) {
    self.backend = backend
    self.request = request
    self.slope = slope
  }

  func make() throws -> KernelOffer? {
    guard request.inputShapes[0].count > 0 else { return nil }
    let layout = backend.descriptor(request.inputLayouts[0]) == nil ? .dense : request.inputLayouts[0]
    // Elements are independent, so a dense blob of any rank is one line of them.
    let line = try backend.descriptor(layout) ?? .dense([request.inputShapes[0].count])
    let isTraining = request.needsBackward
    let engine = backend.engine
    let forward = try DNNPrimitive("ReLU") { cdnn_relu_forward(&$0, engine.handle, isTraining ? 1 : 0, line.handle, slope) }
    guard !forward.isReference else { return nil }
    let formats = ImageFormats(source: line, destination: line)
    var offer = KernelOffer(
      forward: ImageForward(engine: engine, primitive: forward, formats: formats), inputs: [layout], outputs: [layout],
      forwardScratch: [forward.byteCount(Argument.scratchpad)], allowsInPlace: true)
    guard isTraining else { return offer }
    let backward = try DNNPrimitive("ReLU's backward") {
      cdnn_relu_backward(&$0, engine.handle, line.handle, line.handle, slope, forward.handle)
    }
    guard !backward.isReference else { return nil }
    offer.backward = ImageBackward(engine: engine, primitive: backward, formats: formats, readsOutput: true)
    offer.backwardScratch = [backward.byteCount(Argument.scratchpad)]
    offer.backwardReads = [.top(0)]
    return offer
  }
}
