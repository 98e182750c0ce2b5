import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Convolution by oneDNN: forward with bias and ReLU in one kernel; the gradient of the filters in fixed shares of the
/// batch, so that it does not depend on the number of threads.
struct ConvolutionOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  private let geometry: ConvolutionGeometry
  /// Of the images on both sides and of the filters.
  private let element: Element

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ geometry: ConvolutionGeometry) {
    self.backend = backend
    self.request = request
    self.geometry = geometry
    element = backend.imageElement(request)
  }

  func make() throws -> KernelOffer? {
    if let offer = try BlockedConvolutionOffer(backend, request, geometry)?.make() { return offer }
    // Where there are tiles, vectors of bf16 are slower than those of floats; of depthwise convolutions most time goes to memory.
    if element == .bfloat16, backend.bf16 == .tiles, !geometry.isDepthwise { return nil }
    if let offer = try? ImagewiseOffer(backend, request, geometry)?.make() { return offer }
    guard let parts = ConvolutionPrimitives(backend, geometry), request.inputShapes[0].count > 0, request.bottomCount == 1
    else { return nil }
    let forward = try forwardPrimitive(parts)
    guard !forward.isReference else { return nil }
    let descriptors = ConvolutionDescriptors(
      source: try forward.descriptor(Argument.source, dims: parts.inputDims),
      filters: try forward.descriptor(Argument.weights, dims: parts.filterDims),
      bias: request.hasBias ? try .dense([geometry.outputChannels]) : nil,
      destination: try forward.descriptor(Argument.destination, dims: parts.outputDims))
    var weights = [try backend.layout(descriptors.filters)]
    if request.hasBias { weights.append(.dense) }
    var offer = KernelOffer(
      forward: ConvolutionForward(engine: backend.engine, primitive: forward, descriptors: descriptors),
      inputs: [try backend.layout(descriptors.source)], outputs: [try backend.layout(descriptors.destination)], weights: weights,
      forwardScratch: [forward.byteCount(Argument.scratchpad)])
    offer.takeAddend(of: request)
    guard request.needsBackward else { return offer }
    guard let backward = try backwardKernel(parts, forward, descriptors) else { return nil }
    if let winograd = try WinogradTraining(backend, request, geometry, descriptors, isBackward: false) {
      offer.forward = WinogradTrainingForward(convolution: winograd)
      offer.forwardScratch = winograd.scratchBytes
    }
    offer.backward = backward
    offer.backwardScratch = backward.gradients.scratchBytes
    offer.backwardReads = [.bottom(0)]
    return offer
  }

  /// The first format the library has a kernel for: blocked on both sides, so that neighbours need no reorder, else its own
  /// choice (some versions prefer channels last when asked).
  private func forwardPrimitive(_ parts: ConvolutionPrimitives) throws -> DNNPrimitive {
    let own = try givenSource(parts) ?? blockedSource(parts)
    let candidates = [
      (own, try MemoryDescriptor.blocked(parts.outputDims, element)), (own, try .any(parts.outputDims, element)),
      (try .any(parts.inputDims, element), try .any(parts.outputDims, element)),
    ]
    for (source, destination) in candidates {
      if let primitive = try? forwardPrimitive(parts, source, destination), !primitive.isReference { return primitive }
    }
    return try forwardPrimitive(parts, candidates[2].0, candidates[2].1)
  }

  /// The input as it lies, if the one who made it sees the same axes in it.
  private func givenSource(_ parts: ConvolutionPrimitives) -> MemoryDescriptor? {
    backend.descriptor(request.inputLayouts[0]).flatMap { $0.dims == parts.inputDims && $0.element == element ? $0 : nil }
  }

  /// Images of few channels stay as they are: there are kernels that read them so.
  private func blockedSource(_ parts: ConvolutionPrimitives) throws(OneDNNError) -> MemoryDescriptor {
    geometry.inputChannels <= 4 ? try .any(parts.inputDims, element) : try .blocked(parts.inputDims, element)
  }

  private func forwardPrimitive(
    _ parts: ConvolutionPrimitives, _ source: MemoryDescriptor, _ destination: MemoryDescriptor
  ) throws -> DNNPrimitive {
    try parts.forward(
      source, destination, bias: request.hasBias ? try .dense([geometry.outputChannels]) : nil,
      adds: request.operation.addsLastInput,
      relu: request.operation.relu, isTraining: request.needsBackward)
  }

  // MARK: Backward

  private func backwardKernel(
    _ parts: ConvolutionPrimitives, _ forward: DNNPrimitive, _ descriptors: ConvolutionDescriptors
  ) throws -> ConvolutionBackward? {
    var data: BackwardData?
    let winograd = request.propagates[0] ? try WinogradTraining(backend, request, geometry, descriptors, isBackward: true) : nil
    if request.propagates[0], winograd == nil {
      guard let made = try backwardData(parts, forward, descriptors) else { return nil }
      data = made
    }
    var shares: GradientShares?
    if request.weightGradients.contains(true) {
      guard let made = try parts.gradientShares(descriptors) else { return nil }
      shares = made
    }
    return ConvolutionBackward(
      gradients: ConvolutionGradients(
        engine: backend.engine, descriptors: descriptors, data: data, winograd: winograd, shares: shares))
  }

  private func backwardData(
    _ parts: ConvolutionPrimitives, _ forward: DNNPrimitive, _ descriptors: ConvolutionDescriptors
  ) throws -> BackwardData? {
    let primitive = try parts.backwardData(descriptors.source, descriptors.destination, hint: forward)
    guard !primitive.isReference else { return nil }
    let wanted = try primitive.descriptor(Argument.weights, dims: parts.filterDims)
    return BackwardData(
      primitive: primitive, filters: try Reformatting(from: descriptors.filters, to: wanted, backend.engine))
  }
}

extension KernelRequest {
  /// Whether filters come with a bias.
  var hasBias: Bool { operation.weights.count > 1 }
  /// Inputs that are bottoms of the layer.
  var bottomCount: Int { inputShapes.count - (operation.addsLastInput ? 1 : 0) }
}

extension KernelOffer {
  /// Wants what is added to the output in the output's layout, and the output over it where that can be.
  mutating func takeAddend(of request: KernelRequest) {
    guard request.operation.addsLastInput else { return }
    inputs.append(outputs[0])
    inputInPlace = inputs.count - 1
  }
}
