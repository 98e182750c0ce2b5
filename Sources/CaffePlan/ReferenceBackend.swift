import CaffeCore
import CaffeGraph

/// Runs every layer's own mathematics on dense memory: always right, never fast, and what other backends are compared
/// with.
public struct ReferenceBackend: Backend {
  public let name = "reference"

  public init() {}

  public func offer(_ request: KernelRequest) -> KernelOffer? {
    let signature = request.operation.signature
    let kernel = ReferenceKernel(request: request, isBackward: false)
    let scratch = signature.scratch.map { $0.count * 4 }
    return KernelOffer(
      forward: kernel, backward: request.needsBackward ? ReferenceKernel(request: request, isBackward: true) : nil,
      inputs: request.inputShapes.map { _ in .dense }, outputs: request.outputShapes.map { _ in .dense },
      weights: request.weightShapes.map { _ in .dense }, saved: signature.saved.map { $0.count * 4 },
      state: signature.state.map { $0.count * 4 }, forwardScratch: scratch,
      backwardScratch: scratch, backwardReads: signature.backwardReads,
      allowsInPlace: signature.allowsInPlace && !request.operation.addsLastInput)
  }
}

private struct ReferenceKernel: Kernel {
  let request: KernelRequest
  let isBackward: Bool

  var implementation: String { "reference" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    isBackward ? BoundReferenceBackward(request, memory) : BoundReferenceForward(request, memory)
  }
}

private func views(_ shapes: [Shape], _ places: [UnsafeMutablePointer<Float>]) -> [TensorView] {
  zip(shapes, places).map { TensorView($0, $1) }
}

private final class BoundReferenceForward: BoundKernel {
  private let operation: Program.Operation
  private let bottoms, tops, weights, saved, state, scratch: [TensorView]
  private let addend: TensorView?

  init(_ request: KernelRequest, _ memory: KernelArguments<UnsafeMutablePointer<Float>>) {
    operation = request.operation
    let inputs = views(request.inputShapes, memory.inputs)
    bottoms = operation.addsLastInput ? inputs.dropLast() : inputs
    addend = operation.addsLastInput ? inputs.last : nil
    tops = views(request.outputShapes, memory.outputs)
    weights = views(request.weightShapes, memory.weights)
    saved = views(operation.signature.saved, memory.saved)
    state = views(operation.signature.state, memory.state)
    scratch = views(operation.signature.scratch, memory.scratch)
  }

  func run(_ context: RunContext) throws {
    let random = RandomStream(seed: context.seed, path: UInt64(operation.node), UInt64(context.iteration))
    let topShapes = TopShapes()
    operation.layer.forward(
      ForwardIO(
        bottoms: bottoms, tops: tops, weights: weights, saved: saved, state: state, scratch: scratch, random: random,
        faults: context.faults, topShapes: topShapes, batchSum: context.batchSum))
    try context.batchSum?.check()
    for (top, shape) in topShapes.shapes { context.varying.shapes[operation.outputs[top]] = shape }
    if let addend { for i in 0..<tops[0].count { tops[0][i] += addend[i] } }
    if let slope = operation.relu { tops[0].rectify(slope: slope) }
  }
}

private final class BoundReferenceBackward: BoundKernel {
  private let layer: any Layer
  private var io: BackwardIO

  init(_ request: KernelRequest, _ memory: KernelArguments<UnsafeMutablePointer<Float>>) {
    let signature = request.operation.signature
    layer = request.operation.layer
    io = BackwardIO(
      bottoms: views(request.inputShapes, memory.inputs), tops: views(request.outputShapes, memory.outputs),
      topDiffs: views(request.outputShapes, memory.outputDiffs),
      bottomDiffs: zip(request.inputShapes, memory.inputDiffs).map { shape, place in place.map { TensorView(shape, $0) } },
      weights: views(request.weightShapes, memory.weights),
      weightDiffs: zip(request.weightShapes, memory.weightDiffs).map { shape, place in place.map { TensorView(shape, $0) } },
      saved: views(signature.saved, memory.saved), scratch: views(signature.scratch, memory.scratch))
  }

  func run(_ context: RunContext) throws {
    io.batchSum = context.batchSum
    layer.backward(io)
    try context.batchSum?.check()
  }
}
