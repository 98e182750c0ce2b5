import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Softmax by oneDNN on dense memory, where it has a kernel: its lines must lie together. For inference, as
/// other approximations of functions.
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
    guard shape.count > 0, request.purpose == .inference else { return nil }
    // Three axes say all: what lies before the line, the line, and what lies between its elements.
    let dims = [shape.count(0..<axis), shape[axis], shape.count(from: axis + 1)]
    let format = try MemoryDescriptor.dense(dims)
    let primitive = try DNNPrimitive("softmax") { cdnn_softmax(&$0, backend.engine.handle, format.handle, 1) }
    guard !primitive.isReference else { return nil }
    return KernelOffer(
      forward: ImageForward(
        engine: backend.engine, primitive: primitive, formats: ImageFormats(source: format, destination: format)),
      inputs: [.dense], outputs: [.dense], forwardScratch: [primitive.byteCount(Argument.scratchpad)], allowsInPlace: true)
  }
}
