import CaffeCore
import CaffeGraph

/// The memory of one level of a plan within a session, with its kernels bound to it.
final class Stage {
  let plan: ExecutionPlan
  private let weights: ResidentWeights
  private let arena: Arena
  private var kernels: [any BoundKernel] = []

  /// - Throws: `OutOfMemory`, or what a backend reports.
  init(_ plan: ExecutionPlan, _ weights: ResidentWeights) throws {
    self.plan = plan
    self.weights = weights
    arena = try Arena(byteCount: plan.memory.byteCount)
    let residents = try plan.residents.map { try weights.index(of: $0) }
    kernels = try plan.steps.map { step in try step.kernel.bind(step.arguments.map { pointer($0, residents) }) }
  }

  private func pointer(_ buffer: Int, _ residents: [Int]) -> UnsafeMutablePointer<Float> {
    switch plan.buffers[buffer].place {
    case .arena(let offset): arena.pointer(at: offset)
    case .weight(let index): weights.pointer(residents[index])
    case .weightDiff(let index): weights.diffPointer(residents[index])
    case .part(let whole, let offset): pointer(whole, residents) + offset / MemoryLayout<Float>.stride
    }
  }

  /// The place of a buffer that holds activations.
  func pointer(_ buffer: Int) -> UnsafeMutablePointer<Float> { pointer(buffer, []) }

  /// The floats of a buffer that holds activations; nil for one of weights.
  func memory(_ buffer: Int) -> UnsafeMutableBufferPointer<Float>? {
    switch plan.buffers[buffer].place {
    case .arena, .part: UnsafeMutableBufferPointer(start: pointer(buffer), count: plan.buffers[buffer].byteCount / 4)
    case .weight, .weightDiff: nil
    }
  }

  /// Runs steps, telling `onStep` of each.
  ///
  /// - Throws: what a backend reports.
  func run(_ range: Range<Int>, _ context: RunContext, onStep: ((ExecutionPlan.Step, Double) -> Void)?) throws {
    guard let onStep else {
      for index in range { try kernels[index].run(context) }
      return
    }
    let clock = ContinuousClock()
    for index in range {
      let time = try clock.measure { try kernels[index].run(context) }
      onStep(plan.steps[index], time.inSeconds)
    }
  }

  /// Sets what recurrent layers remember to 0.
  func resetState() {
    for buffer in plan.steps.flatMap(\.arguments.state) {
      UnsafeMutableRawPointer(pointer(buffer)).initializeMemory(
        as: UInt8.self, repeating: 0, count: plan.buffers[buffer].byteCount)
    }
  }

  // MARK: Values

  /// Where the dense content of a kept value lies; nil when this stage does not keep it.
  func value(_ value: Int) -> UnsafeMutableBufferPointer<Float>? { memory(plan.valueBuffers[value], value) }

  /// Where a value's gradient from outside is put.
  func seed(_ value: Int) -> UnsafeMutableBufferPointer<Float>? { memory(plan.seedBuffers[value], value) }

  /// Where the gradient of an input of this stage lies after backward.
  func inputDiff(_ value: Int) -> UnsafeMutableBufferPointer<Float>? { memory(plan.inputDiffBuffers[value], value) }

  private func memory(_ buffer: Int?, _ value: Int) -> UnsafeMutableBufferPointer<Float>? {
    buffer.map { UnsafeMutableBufferPointer(start: pointer($0), count: plan.graph.shapes[value].count) }
  }
}
