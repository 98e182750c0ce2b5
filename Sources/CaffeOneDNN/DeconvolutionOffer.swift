import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Deconvolution by oneDNN: the steps of the convolution that it transposes, in other roles. Forward is that convolution's
/// gradient of its input; backward to the bottom is the convolution itself.
struct DeconvolutionOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let geometry: ConvolutionGeometry

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ geometry: ConvolutionGeometry) {
    self.backend = backend
    self.request = request
    self.geometry = geometry
  }

  func make() throws -> KernelOffer? {
    guard let parts = ConvolutionPrimitives(backend, geometry), request.inputShapes[0].count > 0, request.inputShapes.count == 1,
      let hint = try hint(parts)
    else { return nil }
    // Of the convolution: the top is its source, the bottom its destination.
    let top = try hint.descriptor(Argument.source, dims: parts.inputDims)
    let bottom = try hint.descriptor(Argument.destination, dims: parts.outputDims)
    let forward = try parts.backwardData(top, bottom, hint: hint)
    guard !forward.isReference else { return nil }
    let filters = try forward.descriptor(Argument.weights, dims: parts.filterDims)
    let hasBias = request.hasBias
    let bias = hasBias ? ChannelPlanes(top, backend) : nil
    guard !hasBias || bias != nil else { return nil }
    let descriptors = ConvolutionDescriptors(source: top, filters: filters, bias: nil, destination: bottom)
    var offer = KernelOffer(
      forward: DeconvolutionForward(
        engine: backend.engine, primitive: forward, descriptors: descriptors, bias: bias),
      inputs: [try backend.layout(bottom)], outputs: [try backend.layout(top)],
      weights: [try backend.layout(filters)] + (hasBias ? [.dense] : []), forwardScratch: [forward.byteCount(Argument.scratchpad)]
    )
    guard request.needsBackward else { return offer }
    guard let backward = try backward(parts, descriptors, bias) else { return nil }
    offer.backward = backward
    offer.backwardScratch = backward.gradients.scratchBytes
    offer.backwardReads = [.bottom(0)]
    return offer
  }

  /// The convolution itself, in the first formats for which the library has more than plain loops.
  private func hint(_ parts: ConvolutionPrimitives) throws -> DNNPrimitive? {
    let top = try MemoryDescriptor.blocked(parts.inputDims)
    let bottom = try MemoryDescriptor.blocked(parts.outputDims)
    for (source, destination) in [(top, bottom), (try MemoryDescriptor.any(parts.inputDims), try .any(parts.outputDims))] {
      if let hint = try? parts.forward(source, destination, isTraining: true), !hint.isReference { return hint }
    }
    return nil
  }

  private func backward(
    _ parts: ConvolutionPrimitives, _ descriptors: ConvolutionDescriptors, _ bias: ChannelPlanes?
  ) throws -> DeconvolutionBackward? {
    var data: BackwardData?
    if request.propagates[0] {
      let primitive = try parts.forward(descriptors.source, descriptors.destination, isTraining: true)
      guard !primitive.isReference else { return nil }
      let wanted = try primitive.descriptor(Argument.weights, dims: parts.filterDims)
      data = BackwardData(
        primitive: primitive, filters: try Reformatting(from: descriptors.filters, to: wanted, backend.engine))
    }
    var shares: GradientShares?
    if request.weightGradients[0] {
      guard let made = try parts.gradientShares(descriptors) else { return nil }
      shares = made
    }
    return DeconvolutionBackward(
      gradients: ConvolutionGradients(engine: backend.engine, descriptors: descriptors, data: data, shares: shares), bias: bias)
  }
}

private struct DeconvolutionForward: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let descriptors: ConvolutionDescriptors
  let bias: ChannelPlanes?

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let call = try PreparedCall(
      primitive, engine,
      [
        (Argument.destinationDiff, descriptors.destination, memory.inputs[0]),
        (Argument.weights, descriptors.filters, memory.weights[0]), (Argument.sourceDiff, descriptors.source, memory.outputs[0]),
        (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
      ])
    return BoundSteps { [bias] context in
      try call.execute()
      bias?.add(memory.weights[1], to: memory.outputs[0], context.pool)
    }
  }
}

private struct DeconvolutionBackward: Kernel {
  let gradients: ConvolutionGradients
  let bias: ChannelPlanes?

  var implementation: String { gradients.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let shares = try gradients.bindShares(images: memory.outputDiffs[0], gradients: memory.inputs[0], bias: nil, memory)
    let calls = try dataCalls(memory)
    return BoundSteps { [bias] context in
      for call in calls { try call.execute() }
      try shares?.run(context.pool)
      if memory.weightDiffs.count > 1, let target = memory.weightDiffs[1] {
        bias?.addSums(of: memory.outputDiffs[0], to: target, context.pool)
      }
    }
  }

  private func dataCalls(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> [PreparedCall] {
    guard let data = gradients.data, let target = memory.inputDiffs[0] else { return [] }
    let descriptors = gradients.descriptors
    return try data.calls(
      [(Argument.source, descriptors.source, memory.outputDiffs[0]), (Argument.destination, descriptors.destination, target)],
      memory, gradients.engine)
  }
}
