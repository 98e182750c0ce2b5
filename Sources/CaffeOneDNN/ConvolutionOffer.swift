import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Convolution by oneDNN: forward with bias and ReLU in one kernel; the gradient of the filters in fixed shares of the
/// batch, so that it does not depend on the number of threads.
struct ConvolutionOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let geometry: ConvolutionGeometry

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ geometry: ConvolutionGeometry) {
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  private var hasBias: Bool { request.operation.weights.count > 1 }
  private var inputDims: [Int] { [geometry.batch, geometry.inputChannels] + geometry.input }
  private var outputDims: [Int] { [geometry.batch, geometry.outputChannels] + geometry.output }
  /// The library gives groups an axis of their own.
  private var filterDims: [Int] {
    let (group, inputs, outputs) = (geometry.group, geometry.inputChannels, geometry.outputChannels)
    return (group > 1 ? [group, outputs / group] : [outputs]) + [inputs / group] + geometry.kernel
  }

  func make() throws -> KernelOffer? {
    guard geometry.kernel.count == 2, request.inputShapes[0].rank == 4, request.inputShapes[0].count > 0 else { return nil }
    let forward = try forwardPrimitive()
    guard !forward.isReference else { return nil }
    let descriptors = ConvolutionDescriptors(
      source: try forward.descriptor(Argument.source, dims: inputDims),
      filters: try forward.descriptor(Argument.weights, dims: filterDims),
      bias: hasBias ? try .dense([geometry.outputChannels]) : nil,
      destination: try forward.descriptor(Argument.destination, dims: outputDims))
    var weights = [try backend.layout(descriptors.filters)]
    if hasBias { weights.append(.dense) }
    var offer = KernelOffer(
      forward: ConvolutionForward(engine: backend.engine, primitive: forward, descriptors: descriptors),
      inputs: [try backend.layout(descriptors.source)], outputs: [try backend.layout(descriptors.destination)], weights: weights,
      forwardScratch: [forward.byteCount(Argument.scratchpad)])
    guard request.needsBackward else { return offer }
    guard let backward = try backwardKernel(forward, descriptors) else { return nil }
    offer.backward = backward
    offer.backwardScratch = backward.scratchBytes
    offer.backwardReads = [.bottom(0)]
    return offer
  }

  /// The first format the library has a kernel for: blocked on both sides, so that neighbours need no reorder, else its own
  /// choice (some versions prefer channels last when asked).
  private func forwardPrimitive() throws -> DNNPrimitive {
    let own = try backend.descriptor(request.inputLayouts[0]) ?? blockedSource()
    let candidates = [
      (own, try MemoryDescriptor.blocked(outputDims)), (own, try .any(outputDims)), (try .any(inputDims), try .any(outputDims)),
    ]
    for (source, destination) in candidates {
      if let primitive = try? forwardPrimitive(source, destination), !primitive.isReference { return primitive }
    }
    return try forwardPrimitive(candidates[2].0, candidates[2].1)
  }

  /// Images of few channels stay as they are: there are kernels that read them so.
  private func blockedSource() throws(OneDNNError) -> MemoryDescriptor {
    geometry.inputChannels <= 4 ? try .any(inputDims) : try .blocked(inputDims)
  }

  private func forwardPrimitive(_ source: MemoryDescriptor, _ destination: MemoryDescriptor) throws -> DNNPrimitive {
    let filters = try MemoryDescriptor.any(filterDims)
    let bias = hasBias ? try MemoryDescriptor.dense([geometry.outputChannels]) : nil
    let (relu, isTraining) = (request.operation.relu, request.needsBackward)
    return try DNNPrimitive("convolution") { handle in
      withWindow { window in
        cdnn_convolution_forward(
          &handle, backend.engine.handle, isTraining ? 1 : 0, source.handle, filters.handle, bias?.handle, destination.handle,
          window,
          relu == nil ? 0 : 1, relu ?? 0)
      }
    }
  }

  private func withWindow(_ body: (UnsafePointer<cdnn_window>) -> Int32) -> Int32 {
    func pair(_ values: [Int]) -> (Int64, Int64) { (Int64(values[0]), Int64(values[1])) }
    var window = cdnn_window(
      kernel: pair(geometry.kernel), stride: pair(geometry.stride), dilation: pair(geometry.dilation.map { $0 - 1 }),
      pad_before: pair(geometry.pad), pad_after: pair((0..<2).map(padAfter)))
    return body(&window)
  }

  /// What lies behind the last window is left out: oneDNN wants the padding that makes the sizes come out even.
  private func padAfter(_ axis: Int) -> Int {
    let covered = (geometry.output[axis] - 1) * geometry.stride[axis] + geometry.dilation[axis] * (geometry.kernel[axis] - 1) + 1
    return covered - geometry.input[axis] - geometry.pad[axis]
  }

  // MARK: Backward

  private func backwardKernel(_ forward: DNNPrimitive, _ descriptors: ConvolutionDescriptors) throws -> ConvolutionBackward? {
    var data: BackwardData?
    if request.propagates[0] {
      guard let made = try backwardData(forward, descriptors) else { return nil }
      data = made
    }
    var shares: GradientShares?
    if request.weightGradients.contains(true) {
      guard let made = try gradientShares(descriptors) else { return nil }
      shares = made
    }
    return ConvolutionBackward(engine: backend.engine, descriptors: descriptors, data: data, shares: shares)
  }

  private func backwardData(_ forward: DNNPrimitive, _ descriptors: ConvolutionDescriptors) throws -> BackwardData? {
    let filters = try MemoryDescriptor.any(filterDims)
    let primitive = try DNNPrimitive("convolution's backward") { handle in
      withWindow { window in
        cdnn_convolution_backward_data(
          &handle, backend.engine.handle, descriptors.source.handle, filters.handle, descriptors.destination.handle, window,
          forward.handle)
      }
    }
    guard !primitive.isReference else { return nil }
    let wanted = try primitive.descriptor(Argument.weights, dims: filterDims)
    guard wanted.token != descriptors.filters.token else {
      return BackwardData(primitive: primitive, filters: wanted, reorder: nil)
    }
    let reorder = try DNNPrimitive("reorder") {
      cdnn_reorder(&$0, backend.engine.handle, descriptors.filters.handle, wanted.handle)
    }
    return BackwardData(primitive: primitive, filters: wanted, reorder: reorder)
  }

  /// The batch in at most eight shares, each a call on one thread.
  private func gradientShares(_ descriptors: ConvolutionDescriptors) throws -> GradientShares? {
    let images = (geometry.batch + GradientShares.maximum - 1) / GradientShares.maximum
    let count = (geometry.batch + images - 1) / images
    let rest = geometry.batch - images * (count - 1)
    return try withPrimitiveThreads(1) {
      guard let full = try gradientShare(images: images, descriptors) else { return nil }
      guard let last = rest == images ? full : try gradientShare(images: rest, descriptors) else { return nil }
      return GradientShares(
        count: count, images: images, full: full, last: last, sourceStride: descriptors.source.byteCount / 4 / geometry.batch,
        destinationStride: descriptors.destination.byteCount / 4 / geometry.batch)
    }
  }

  private func gradientShare(images: Int, _ descriptors: ConvolutionDescriptors) throws -> GradientShare? {
    guard let source = try part(descriptors.source, images: images),
      let destination = try part(descriptors.destination, images: images)
    else { return nil }
    let anySource = try MemoryDescriptor.any(source.dims)
    let anyDestination = try MemoryDescriptor.any(destination.dims)
    let anyFilters = try MemoryDescriptor.any(filterDims)
    // The library has no kernel for some blocked formats (few channels); reordering first still beats a plain loop.
    for wanted in [
      (source, descriptors.filters, destination), (source, anyFilters, destination), (anySource, anyFilters, anyDestination),
    ] {
      guard let primitive = try? gradientPrimitive(wanted.0, wanted.1, wanted.2, descriptors.bias), !primitive.isReference else {
        continue
      }
      return GradientShare(
        primitive: primitive,
        source: try Reformatting(from: source, to: try primitive.descriptor(Argument.source, dims: source.dims), backend.engine),
        destination: try Reformatting(
          from: destination, to: try primitive.descriptor(Argument.destinationDiff, dims: destination.dims), backend.engine),
        filters: try Reformatting(
          from: try primitive.descriptor(Argument.weightsDiff, dims: filterDims), to: descriptors.filters, backend.engine))
    }
    return nil
  }

  private func gradientPrimitive(
    _ source: MemoryDescriptor, _ filters: MemoryDescriptor, _ destination: MemoryDescriptor, _ bias: MemoryDescriptor?
  ) throws -> DNNPrimitive {
    // The hint of a backward pass is a forward pass over the same images.
    let any = try MemoryDescriptor.any(filterDims)
    let forward = try DNNPrimitive("convolution") { handle in
      withWindow { window in
        cdnn_convolution_forward(
          &handle, backend.engine.handle, 1, source.handle, any.handle, bias?.handle, destination.handle, window, 0, 0)
      }
    }
    return try DNNPrimitive("convolution's gradient") { handle in
      withWindow { window in
        cdnn_convolution_backward_weights(
          &handle, backend.engine.handle, source.handle, filters.handle, bias?.handle, destination.handle, window, forward.handle)
      }
    }
  }

  /// The descriptor of the first images of a value.
  private func part(_ whole: MemoryDescriptor, images: Int) throws(OneDNNError) -> MemoryDescriptor? {
    let dims = [images] + whole.dims.dropFirst()
    if whole.token == (try MemoryDescriptor.dense(whole.dims)).token { return try .dense(dims) }
    if whole.token == (try MemoryDescriptor.blocked(whole.dims)).token { return try .blocked(dims) }
    return nil
  }
}
