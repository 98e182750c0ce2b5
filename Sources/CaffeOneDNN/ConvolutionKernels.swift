import COneDNN
import CaffePlan

/// The memory formats a convolution settled on.
struct ConvolutionDescriptors: Sendable {
  let source: MemoryDescriptor
  let filters: MemoryDescriptor
  let bias: MemoryDescriptor?
  let destination: MemoryDescriptor
}

struct ConvolutionForward: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let descriptors: ConvolutionDescriptors

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    var arguments = [
      (Argument.source, descriptors.source, memory.inputs[0]), (Argument.weights, descriptors.filters, memory.weights[0]),
      (Argument.destination, descriptors.destination, memory.outputs[0]),
      (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
    ]
    if let bias = descriptors.bias { arguments.append((Argument.bias, bias, memory.weights[1])) }
    return BoundCalls([try PreparedCall(primitive, engine, arguments)])
  }
}

/// The gradient of the images.
struct BackwardData: Sendable {
  let primitive: DNNPrimitive
  /// The format in which it wants the filters, and how they get there from forward's.
  let filters: MemoryDescriptor
  let reorder: DNNPrimitive?
}

/// A value in the format one side has and the other wants.
struct Reformatting: Sendable {
  let from: MemoryDescriptor
  let to: MemoryDescriptor
  /// nil where both are the same.
  let primitive: DNNPrimitive?

  init(from: MemoryDescriptor, to: MemoryDescriptor, _ engine: Engine) throws(OneDNNError) {
    self.from = from
    self.to = to
    guard from.token != to.token else {
      primitive = nil
      return
    }
    primitive = try DNNPrimitive("reorder") { cdnn_reorder(&$0, engine.handle, from.handle, to.handle) }
  }

  /// Bytes of the copy that the reorder makes or reads.
  func byteCount(_ descriptor: MemoryDescriptor) -> Int { primitive == nil ? 0 : descriptor.byteCount }

  /// The reorder from one place to another; none where the formats are the same.
  func calls(_ source: UnsafeMutablePointer<Float>, _ target: UnsafeMutablePointer<Float>, _ engine: Engine) throws
    -> [PreparedCall]
  {
    guard let primitive else { return [] }
    return [try PreparedCall(primitive, engine, [(Argument.source, from, source), (Argument.destination, to, target)])]
  }
}

struct ConvolutionBackward: Kernel {
  let engine: Engine
  let descriptors: ConvolutionDescriptors
  let data: BackwardData?
  let shares: GradientShares?

  var implementation: String {
    [data?.primitive.implementation, shares?.implementation].compactMap { $0 }.joined(separator: " + ")
  }

  /// Bytes per scratch buffer: the data kernel's own, its filters, then those of the shares.
  var scratchBytes: [Int] {
    [data?.primitive.byteCount(Argument.scratchpad) ?? 0, data?.reorder == nil ? 0 : data?.filters.byteCount ?? 0]
      + (shares?.scratchBytes(descriptors) ?? [])
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let gradient = try shares?.bind(
      descriptors, images: memory.inputs[0], gradients: memory.outputDiffs[0], scratch: Array(memory.scratch.dropFirst(2)),
      filters: memory.weightDiffs[0], bias: memory.weightDiffs.count > 1 ? memory.weightDiffs[1] : nil, engine)
    return BoundConvolutionBackward(data: try dataCalls(memory), gradient: gradient)
  }

  private func dataCalls(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> [PreparedCall] {
    guard let data, let target = memory.inputDiffs[0] else { return [] }
    var calls: [PreparedCall] = []
    var filters = memory.weights[0]
    if let reorder = data.reorder {
      calls.append(
        try PreparedCall(
          reorder, engine,
          [(Argument.source, descriptors.filters, filters), (Argument.destination, data.filters, memory.scratch[1])]))
      filters = memory.scratch[1]
    }
    calls.append(
      try PreparedCall(
        data.primitive, engine,
        [
          (Argument.destinationDiff, descriptors.destination, memory.outputDiffs[0]), (Argument.weights, data.filters, filters),
          (Argument.sourceDiff, descriptors.source, target),
          (Argument.scratchpad, try data.primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
        ]))
    return calls
  }
}

private final class BoundConvolutionBackward: BoundKernel {
  private let data: [PreparedCall]
  private let gradient: BoundGradientShares?

  init(data: [PreparedCall], gradient: BoundGradientShares?) {
    self.data = data
    self.gradient = gradient
  }

  func run(_ context: RunContext) throws {
    for call in data { try call.execute() }
    try gradient?.run(context.pool)
  }
}
