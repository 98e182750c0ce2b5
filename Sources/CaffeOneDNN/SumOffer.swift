import COneDNN
import CaffeCore
import CaffeGraph
import CaffePlan

/// Weighted sums of blobs by oneDNN, in the layout of the first.
struct SumOffer {
  let backend: OneDNNBackend
  let request: KernelRequest
  let coefficients: [Float]

  init(_ backend: OneDNNBackend, _ request: KernelRequest, _ coefficients: [Float]) {
    self.backend = backend
    self.request = request
    self.coefficients = coefficients
  }

  func make() throws -> KernelOffer? {
    let layout = request.inputLayouts.first { backend.descriptor($0) != nil } ?? .dense
    guard request.inputShapes[0].count > 0, coefficients.count <= 16 else { return nil }
    let format = try backend.descriptor(layout) ?? .dense([request.inputShapes[0].count])
    let engine = backend.engine
    let sources = coefficients.map { _ in Optional(format.handle) }
    let primitive = try DNNPrimitive("sum") {
      cdnn_sum(&$0, engine.handle, format.handle, coefficients, sources, Int32(sources.count))
    }
    guard !primitive.isReference else { return nil }
    return KernelOffer(
      forward: SumForward(engine: engine, primitive: primitive, format: format),
      backward: request.needsBackward ? SumBackward(coefficients: coefficients, count: format.byteCount / 4) : nil,
      inputs: coefficients.map { _ in layout }, outputs: [layout], forwardScratch: [primitive.byteCount(Argument.scratchpad)])
  }
}

private struct SumForward: Kernel {
  let engine: Engine
  let primitive: DNNPrimitive
  let format: MemoryDescriptor

  var implementation: String { primitive.implementation }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) throws -> any BoundKernel {
    let sources = memory.inputs.enumerated().map { (Argument.source($0.offset), format, $0.element) }
    let others = [
      (Argument.destination, format, memory.outputs[0]),
      (Argument.scratchpad, try primitive.descriptor(Argument.scratchpad), memory.scratch[0]),
    ]
    return BoundCalls([try PreparedCall(primitive, engine, sources + others)])
  }
}

/// dx[i] = coefficient[i] · dy
private struct SumBackward: Kernel {
  let coefficients: [Float]
  let count: Int

  var implementation: String { "scale" }

  func bind(_ memory: KernelArguments<UnsafeMutablePointer<Float>>) -> any BoundKernel {
    BoundClosure { [coefficients, count] _ in
      for (factor, target) in zip(coefficients, memory.inputDiffs) {
        guard let target else { continue }
        for i in 0..<count { target[i] = factor * memory.outputDiffs[0][i] }
      }
    }
  }
}

/// A kernel of our own, as a closure over its memory.
final class BoundClosure: BoundKernel {
  private let body: (RunContext) -> Void
  init(_ body: @escaping (RunContext) -> Void) { self.body = body }
  func run(_ context: RunContext) { body(context) }
}
