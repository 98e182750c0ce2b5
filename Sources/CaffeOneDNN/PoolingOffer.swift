import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Pooling by oneDNN, where its rule for the border is Caffe's; of bf16 the largest by a kernel of our own.
struct PoolingOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let geometry: PoolingGeometry

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ geometry: PoolingGeometry) {
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  /// Where the last window ends beyond the image, counted from its border.
  private var overhang: [Int] {
    (0..<2).map { (geometry.output[$0] - 1) * geometry.stride[$0] + geometry.kernel[$0] - geometry.input[$0] - geometry.pad[$0] }
  }

  /// oneDNN's kind of mean; Caffe counts padding but not what lies beyond it, which neither kind does in general.
  private var kind: Int32? {
    guard geometry.method == .average else { return 0 }
    if (0..<2).allSatisfy({ overhang[$0] <= geometry.pad[$0] }) { return 1 }
    return geometry.pad == [0, 0] ? 2 : nil
  }

  func make() throws -> KernelOffer? {
    guard let kind, request.inputShapes[0].count > 0, zip(overhang, geometry.kernel).allSatisfy({ $0 < $1 }) else { return nil }
    // Whatever the layout now: there are no fast means in others.
    let element = backend.descriptor(request.inputLayouts[0])?.element ?? .float32
    let source = try MemoryDescriptor.blocked(request.inputShapes[0].dims, element)
    let layout = try backend.layout(source)
    let destination = try MemoryDescriptor.blocked(request.outputShapes[0].dims, source.element)
    let isTraining = request.needsBackward
    if element == .bfloat16, !isTraining,
      let kernel = BlockedMaxPooling(request.inputShapes[0], geometry, threads: request.threads)
    {
      return KernelOffer(
        forward: kernel, inputs: [layout], outputs: [try backend.layout(destination)], forwardScratch: kernel.scratchBytes)
    }
    let forward = try DNNPrimitive("pooling") { handle in
      withWindow {
        cdnn_pooling_forward(&handle, backend.engine.handle, isTraining ? 1 : 0, kind, source.handle, destination.handle, $0)
      }
    }
    guard !forward.isReference else { return nil }
    let workspace = forward.byteCount(Argument.workspace)
    let formats = ImageFormats(source: source, destination: destination)
    var offer = KernelOffer(
      forward: ImageForward(engine: backend.engine, primitive: forward, formats: formats), inputs: [layout],
      outputs: [try backend.layout(destination)], saved: isTraining ? [workspace] : [],
      forwardScratch: [forward.byteCount(Argument.scratchpad)])
    guard isTraining else { return offer }
    let backward = try DNNPrimitive("pooling's backward") { handle in
      withWindow {
        cdnn_pooling_backward(&handle, backend.engine.handle, kind, source.handle, destination.handle, $0, forward.handle)
      }
    }
    guard !backward.isReference else { return nil }
    offer.backward = ImageBackward(
      engine: backend.engine, primitive: backward, formats: formats, workspace: try forward.descriptor(Argument.workspace))
    offer.backwardScratch = [backward.byteCount(Argument.scratchpad)]
    return offer
  }

  private func withWindow(_ body: (UnsafePointer<cdnn_window>) -> Int32) -> Int32 {
    func pair(_ values: [Int]) -> (Int64, Int64, Int64) { (Int64(values[0]), Int64(values[1]), 0) }
    var window = cdnn_window(
      kernel: pair(geometry.kernel), stride: pair(geometry.stride), dilation: (0, 0, 0), pad_before: pair(geometry.pad),
      pad_after: pair(overhang.map { max(0, $0) }))
    return body(&window)
  }
}
