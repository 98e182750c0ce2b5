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
    let call = try PreparedCall(primitive, engine, arguments)
    let copy = AddendCopy(memory, byteCount: descriptors.destination.byteCount)
    return BoundSteps { context in
      copy?.run(context.pool)
      try call.execute()
    }
  }
}

/// Brings what is added to a convolution's output to where the output will be, where the plan could not lay one over the other.
struct AddendCopy: @unchecked Sendable {
  private let source, target: UnsafeMutablePointer<Float>
  private let count: Int

  /// nil where nothing is added, or it lies there already.
  init?(_ memory: KernelArguments<UnsafeMutablePointer<Float>>, byteCount: Int) {
    guard memory.inputs.count > 1, memory.inputs[1] != memory.outputs[0] else { return nil }
    (source, target, count) = (memory.inputs[1], memory.outputs[0], byteCount / 4)
  }

  func run(_ pool: any ComputePool) {
    pool.run(elements: count) { (target + $0.lowerBound).update(from: source + $0.lowerBound, count: $0.count) }
  }
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

/// The kernel of the gradient that goes to the bottom.
struct BackwardData: Sendable {
  let primitive: DNNPrimitive
  /// The filters from forward's format to the one it wants.
  let filters: Reformatting

  /// Bytes of its own scratch buffer and of that for the filters.
  var scratchBytes: [Int] { [primitive.byteCount(Argument.scratchpad), filters.byteCount(filters.to)] }

  /// The kernel, behind the reorder of the filters where there is one.
  ///
  /// - Parameter sides: what it reads and makes.
  func calls(
    _ sides: [PreparedCall.Value], _ memory: KernelArguments<UnsafeMutablePointer<Float>>, _ engine: Engine
  ) throws -> [PreparedCall] {
    let (given, scratch) = (memory.weights[0], memory.scratch)
    let arguments: [PreparedCall.Value] = [
      (Argument.weights, filters.to, filters.primitive == nil ? given : scratch[1]),
      (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), scratch[0]),
    ]
    return try filters.calls(given, scratch[1], engine) + [PreparedCall(primitive, engine, sides + arguments)]
  }
}

/// What the backward kernels of a convolution and of its transpose are made of.
struct ConvolutionGradients: Sendable {
  let engine: Engine
  let descriptors: ConvolutionDescriptors
  let data: BackwardData?
  /// Instead of `data`.
  var winograd: WinogradTraining?
  let shares: GradientShares?

  var implementation: String {
    [winograd?.implementation ?? data?.primitive.implementation, shares?.implementation].compactMap { $0 }.joined(
      separator: " + ")
  }

  /// Bytes per scratch buffer: the data kernel's, then those of the shares.
  var scratchBytes: [Int] { dataScratch + (shares?.scratchBytes(descriptors) ?? []) }
  private var dataScratch: [Int] { winograd?.scratchBytes ?? data?.scratchBytes ?? [] }

  /// The shares with their memory; as `GradientShares.bind`.
  func bindShares(
    images: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>, bias: UnsafeMutablePointer<Float>?,
    _ memory: KernelArguments<UnsafeMutablePointer<Float>>
  ) throws -> BoundGradientShares? {
    try shares?.bind(
      descriptors, images: images, gradients: gradients, scratch: Array(memory.scratch.dropFirst(dataScratch.count)),
      filters: memory.weightDiffs[0], bias: bias, engine)
  }
}

struct ConvolutionBackward: Kernel {
  let gradients: ConvolutionGradients

  var implementation: String { gradients.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let shares = try gradients.bindShares(
      images: memory.inputs[0], gradients: memory.outputDiffs[0],
      bias: memory.weightDiffs.count > 1 ? memory.weightDiffs[1] : nil, memory)
    let calls = try dataCalls(memory)
    let winograd = try boundWinograd(memory)
    return BoundSteps { context in
      for call in calls { try call.execute() }
      try winograd?.run(context)
      try shares?.run(context.pool)
    }
  }

  private func boundWinograd(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> BoundSteps? {
    guard let winograd = gradients.winograd, let target = memory.inputDiffs[0] else { return nil }
    return try winograd.bind(
      source: memory.outputDiffs[0], filters: memory.weights[0], bias: nil, destination: target, scratch: memory.scratch)
  }

  private func dataCalls(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> [PreparedCall] {
    guard let data = gradients.data, let target = memory.inputDiffs[0] else { return [] }
    let descriptors = gradients.descriptors
    return try data.calls(
      [
        (Argument.destinationDiff, descriptors.destination, memory.outputDiffs[0]),
        (Argument.sourceDiff, descriptors.source, target),
      ], memory, gradients.engine)
  }
}

/// A kernel of several steps, as a closure over its memory.
final class BoundSteps: BoundKernel {
  private let body: (RunContext) throws -> Void
  init(_ body: @escaping (RunContext) throws -> Void) { self.body = body }
  func run(_ context: RunContext) throws { try body(context) }
}
