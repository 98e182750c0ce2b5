import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Convolution for inference of a batch whose images are shared out over threads: each image is one call on one thread. Its output
/// may lie between the other channels of a Concat, which the library's kernels for batches cannot write.
struct ImagewiseOffer {
  private let backend: OneDNNBackend
  private let request: KernelRequest
  private let geometry: ConvolutionGeometry

  /// nil for single images, where the library's threads are not ours to set, and where threads would have to wait for one another
  /// for more than a fifth of the time.
  init?(_ backend: OneDNNBackend, _ request: KernelRequest, _ geometry: ConvolutionGeometry) {
    let (batch, threads) = (geometry.batch, request.threads)
    guard request.purpose == .inference, !request.withoutPasses.contains(Passes.imageByImage), cdnn_openmp_available() != 0,
      request.bottomCount == 1, batch > 1, request.inputShapes[0].count > 0,
      batch * 5 >= (batch + threads - 1) / threads * threads * 4
    else { return nil }
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  func make() throws -> KernelOffer? {
    var single = geometry
    single.batch = 1
    guard let parts = ConvolutionPrimitives(backend, single), request.inputShapes[0].rank == 4 else { return nil }
    let element = backend.imageElement(request)
    // Images of few channels stay as they are: there are kernels that read them so.
    let format = geometry.inputChannels <= 4 ? MemoryDescriptor.dense : MemoryDescriptor.blocked
    let source = try backend.layout(format(request.inputShapes[0].dims, element))
    let bias = request.hasBias ? try MemoryDescriptor.dense([geometry.outputChannels]) : nil
    let oneSource = try format(parts.inputDims, element)
    let destination = try MemoryDescriptor.blocked(parts.outputDims, element)
    let primitive = try withPrimitiveThreads(1) {
      try parts.forward(
        oneSource, destination, bias: bias, adds: request.operation.addsLastInput, relu: request.operation.relu, isTraining: false
      )
    }
    guard !primitive.isReference else { return nil }
    let output = try backend.outputLayout(request)
    let channels =
      output == (try backend.layout(.blocked(request.outputShapes[0].dims, element))) ? nil : request.wholeChannels[0]
    let strides = ImageStrides(
      source: oneSource.byteCount,
      destination: (channels.map { $0 * geometry.output.reduce(1, *) * element.size }) ?? destination.byteCount,
      scratch: (primitive.byteCount(Argument.scratchpad) + 63) / 64 * 64)
    let filters = try primitive.descriptor(Argument.weights, dims: parts.filterDims)
    var offer = KernelOffer(
      forward: ImagewiseConvolution(
        engine: backend.engine, primitive: primitive,
        descriptors: ConvolutionDescriptors(source: oneSource, filters: filters, bias: bias, destination: destination),
        batch: geometry.batch, strides: strides),
      inputs: [source], outputs: [output], weights: [try backend.layout(filters)] + (request.hasBias ? [.dense] : []),
      forwardScratch: [strides.scratch * geometry.batch])
    offer.takeAddend(of: request)
    return offer
  }
}

/// Bytes from one image to the next.
struct ImageStrides: Sendable {
  let source, destination, scratch: Int
}

extension UnsafeMutablePointer<Float> {
  /// The place some bytes on, where an image of numbers of any size begins.
  fileprivate func advanced(bytes: Int) -> UnsafeMutablePointer<Float> {
    (UnsafeMutableRawPointer(self) + bytes).assumingMemoryBound(to: Float.self)
  }
}

private struct ImagewiseConvolution: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let descriptors: ConvolutionDescriptors
  let batch: Int
  let strides: ImageStrides

  var implementation: String { "\(primitive.implementation) x\(batch)" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let scratchpad = try primitive.descriptor(Argument.scratchpad)
    return BoundImages(
      AddendCopy(memory, byteCount: batch * strides.destination),
      try (0..<batch).map { image in
        var arguments = [
          (Argument.source, descriptors.source, memory.inputs[0].advanced(bytes: image * strides.source)),
          (Argument.weights, descriptors.filters, memory.weights[0]),
          (Argument.destination, descriptors.destination, memory.outputs[0].advanced(bytes: image * strides.destination)),
          (Argument.scratchpad, scratchpad, memory.scratch[0].advanced(bytes: image * strides.scratch)),
        ]
        if let bias = descriptors.bias { arguments.append((Argument.bias, bias, memory.weights[1])) }
        return try PreparedCall(primitive, engine, arguments)
      })
  }
}

/// A call per image, shared out over threads.
// Each call is touched by the one thread that took its image.
private final class BoundImages: BoundKernel, @unchecked Sendable {
  private let calls: [PreparedCall]
  private var failures: [OneDNNError?]
  private let copy: AddendCopy?

  init(_ copy: AddendCopy?, _ calls: [PreparedCall]) {
    self.copy = copy
    self.calls = calls
    failures = [OneDNNError?](repeating: nil, count: calls.count)
  }

  func run(_ context: RunContext) throws {
    copy?.run(context.pool)
    failures.withUnsafeMutableBufferPointer { failures in
      nonisolated(unsafe) let failures = failures  // image i writes element i only
      context.pool.run(units: calls.count) { image in
        do throws(OneDNNError) { try self.calls[image].execute() } catch { failures[image] = error }
      }
    }
    if let failure = failures.compactMap({ $0 }).first { throw failure }
  }
}
