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

/// The gradient of filters and bias over some of the batch, on one thread.
struct GradientShare: Sendable {
  let primitive: DNNPrimitive
  let source: Reformatting
  let destination: Reformatting
  let filters: Reformatting
}

/// A batch cut into shares by its size alone.
struct GradientShares: Sendable {
  static let maximum = 8
  let count: Int
  /// Images in all shares but the last.
  let images: Int
  let full: GradientShare
  let last: GradientShare
  /// Floats per image.
  let sourceStride: Int
  let destinationStride: Int

  func share(_ index: Int) -> GradientShare { index == count - 1 ? last : full }
}

struct ConvolutionBackward: Kernel {
  let engine: Engine
  let descriptors: ConvolutionDescriptors
  let data: BackwardData?
  let shares: GradientShares?

  var implementation: String {
    [data?.primitive.implementation, shares.map { "\($0.full.primitive.implementation) x\($0.count)" }].compactMap { $0 }
      .joined(separator: " + ")
  }

  /// Scratch buffers of each share, by place: the kernel's own, the filters' gradient in forward's format and in the
  /// kernel's, the bias's, and the images in the kernel's formats.
  private enum Place {
    static let own = 0
    static let filters = 1
    static let foreignFilters = 2
    static let bias = 3
    static let source = 4
    static let destination = 5
    static let count = 6

    /// Behind the two buffers of the gradient of the images.
    static func index(_ share: Int, _ place: Int) -> Int { 2 + share * count + place }
  }

  /// Bytes per scratch buffer: the data kernel's own, its filters, then those of each share.
  var scratchBytes: [Int] {
    [data?.primitive.byteCount(Argument.scratchpad) ?? 0, data?.reorder == nil ? 0 : data?.filters.byteCount ?? 0]
      + (0..<(shares?.count ?? 0)).flatMap { index -> [Int] in
        guard let share = shares?.share(index) else { return [] }
        return [
          share.primitive.byteCount(Argument.scratchpad), descriptors.filters.byteCount,
          share.filters.byteCount(share.filters.from),
          descriptors.bias?.byteCount ?? 0, share.source.byteCount(share.source.to),
          share.destination.byteCount(share.destination.to),
        ]
      }
  }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    BoundConvolutionBackward(
      data: try dataCalls(memory), shares: try (0..<(shares?.count ?? 0)).map { try shareCalls($0, memory) },
      reduction: reduction(memory))
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

  private func shareCalls(_ index: Int, _ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> [PreparedCall] {
    guard let shares else { return [] }
    let share = shares.share(index)
    let scratch = { memory.scratch[Place.index(index, $0)] }
    let first = index * shares.images
    let (images, gradients) = (
      memory.inputs[0] + first * shares.sourceStride, memory.outputDiffs[0] + first * shares.destinationStride
    )
    var arguments = [
      (Argument.source, share.source.to, share.source.primitive == nil ? images : scratch(Place.source)),
      (
        Argument.destinationDiff, share.destination.to,
        share.destination.primitive == nil ? gradients : scratch(Place.destination)
      ),
      (Argument.weightsDiff, share.filters.from, scratch(share.filters.primitive == nil ? Place.filters : Place.foreignFilters)),
      (Argument.scratchpad, try share.primitive.descriptor(Argument.scratchpad), scratch(Place.own)),
    ]
    if let descriptor = descriptors.bias { arguments.append((Argument.biasDiff, descriptor, scratch(Place.bias))) }
    return try share.source.calls(images, scratch(Place.source), engine)
      + share.destination.calls(gradients, scratch(Place.destination), engine) + [
        PreparedCall(share.primitive, engine, arguments)
      ]
      + share.filters.calls(scratch(Place.foreignFilters), scratch(Place.filters), engine)
  }

  private func reduction(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> [Reduction] {
    guard let shares else { return [] }
    let partials = (0..<shares.count).map { memory.scratch[Place.index($0, Place.filters)] }
    let biases = (0..<shares.count).map { memory.scratch[Place.index($0, Place.bias)] }
    var result: [Reduction] = []
    if let target = memory.weightDiffs[0] {
      result.append(Reduction(target: target, parts: partials, count: descriptors.filters.byteCount / 4))
    }
    if let bias = descriptors.bias, let target = memory.weightDiffs[1] {
      result.append(Reduction(target: target, parts: biases, count: bias.byteCount / 4))
    }
    return result
  }
}

/// target += the parts, always in the same order.
// The memory is the session's, which lets no two threads write one element.
struct Reduction: @unchecked Sendable {
  let target: UnsafeMutablePointer<Float>
  let parts: [UnsafeMutablePointer<Float>]
  let count: Int
  private static let unit = 16384

  func run(_ pool: any ComputePool) {
    pool.run(units: (count + Reduction.unit - 1) / Reduction.unit) { unit in
      let range = unit * Reduction.unit..<min(count, (unit + 1) * Reduction.unit)
      for part in parts { for i in range { target[i] += part[i] } }
    }
  }
}

private final class BoundConvolutionBackward: BoundKernel {
  private let data: [PreparedCall]
  private let shares: ShareCalls
  private let reduction: [Reduction]

  init(data: [PreparedCall], shares: [[PreparedCall]], reduction: [Reduction]) {
    self.data = data
    self.shares = ShareCalls(calls: shares)
    self.reduction = reduction
  }

  func run(_ context: RunContext) throws {
    for call in data { try call.execute() }
    try shares.run(context.pool)
    for step in reduction { step.run(context.pool) }
  }
}

/// The calls of all shares, run side by side.
// Each share's calls are touched by the one thread that took the share.
private final class ShareCalls: @unchecked Sendable {
  private let calls: [[PreparedCall]]
  private var failures: [OneDNNError?]

  init(calls: [[PreparedCall]]) {
    self.calls = calls
    failures = [OneDNNError?](repeating: nil, count: calls.count)
  }

  func run(_ pool: any ComputePool) throws {
    failures.withUnsafeMutableBufferPointer { failures in
      nonisolated(unsafe) let failures = failures  // share i writes element i only
      pool.run(units: calls.count) { unit in
        do throws(OneDNNError) { for call in self.calls[unit] { try call.execute() } } catch { failures[unit] = error }
      }
    }
    if let failure = failures.compactMap({ $0 }).first { throw failure }
  }
}
