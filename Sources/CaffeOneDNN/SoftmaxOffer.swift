import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Softmax by oneDNN on dense memory, where it has a kernel: its lines must lie together.
struct SoftmaxOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let axis: Int

  init(_ backend: OneDNNBackend, _ request: KernelRequest, axis: Int) {
    self.backend = backend
    self.request = request
    self.axis = axis
  }

  func make() throws -> KernelOffer? {
    let shape = request.inputShapes[0]
    guard shape.count > 0 else { return nil }
    // Three axes say all: what lies before the line, the line, and what lies between its elements.
    let dims = [shape.count(0..<axis), shape[axis], shape.count(from: axis + 1)]
    let format = try MemoryDescriptor.dense(dims)
    let (engine, isTraining) = (backend.engine, request.needsBackward)
    let forward = try DNNPrimitive("softmax") { cdnn_softmax_forward(&$0, engine.handle, isTraining ? 1 : 0, format.handle, 1) }
    guard !forward.isReference else { return nil }
    let formats = ImageFormats(source: format, destination: format)
    var offer = KernelOffer(
      forward: ImageForward(engine: engine, primitive: forward, formats: formats), inputs: [.dense], outputs: [.dense],
      forwardScratch: [forward.byteCount(Argument.scratchpad)], allowsInPlace: true)
    guard isTraining else { return offer }
    let backward = try DNNPrimitive("softmax's backward") {
      cdnn_softmax_backward(&$0, engine.handle, format.handle, format.handle, 1, forward.handle)
    }
    guard !backward.isReference else { return nil }
    offer.backward = ImageBackward(engine: engine, primitive: backward, formats: formats, readsOutput: true)
    offer.backwardScratch = [backward.byteCount(Argument.scratchpad)]
    offer.backwardReads = [.top(0)]
    return offer
  }
}
