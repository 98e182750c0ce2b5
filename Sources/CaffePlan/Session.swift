import CaffeCore
import CaffeGraph

/// A plan with memory: runs nets. Each thread that runs a net at the same time has a session of its own; the plan and,
/// unless it trains, the weights are shared.
public final class Session {
  public let plan: ExecutionPlan
  public let weights: ResidentWeights
  /// Random draws of layers are a function of this, the layer and `iteration`.
  public var seed: UInt64
  /// Forward passes made so far; decides the random draws of the next.
  public var iteration = 0
  private let arena: Arena
  private var kernels: [any BoundKernel] = []
  /// The threads that the kernels share.
  public let pool: any ComputePool
  private let faults = FaultLog()

  /// Called after each step with the step and the seconds it took, when set.
  public var onStep: ((ExecutionPlan.Step, Double) -> Void)?

  /// - Throws: `OutOfMemory`, or what a backend reports.
  public init(_ weights: ResidentWeights, seed: UInt64 = 0) throws {
    plan = weights.plan
    self.weights = weights
    self.seed = seed
    pool = plan.pool
    arena = try Arena(byteCount: plan.memory.byteCount)
    kernels = try plan.steps.map { try $0.kernel.bind($0.arguments.map(pointer)) }
  }

  private func pointer(_ buffer: Int) -> UnsafeMutablePointer<Float> {
    switch plan.buffers[buffer].place {
    case .arena(let offset): arena.pointer(at: offset)
    case .weight(let index): weights.pointer(index)
    case .weightDiff(let index): weights.diffPointer(index)
    case .part(let whole, let offset): pointer(whole) + offset / MemoryLayout<Float>.stride
    }
  }

  // MARK: Running

  /// Computes all outputs from the inputs.
  ///
  /// - Throws: `RunError` when a layer cannot accept the values it was given, or what a backend reports.
  public func forward() throws {
    _ = faults.take()  // a pass that was broken off may have left one
    try run(0..<plan.forwardCount)
    iteration += 1
    if let fault = faults.take() { throw RunError(fault) }
  }

  /// Computes the gradients; the weights' are added to what is there.
  ///
  /// - Throws: what a backend reports.
  public func backward() throws { try run(plan.forwardCount..<plan.steps.count) }

  /// Lets layers with a memory of earlier passes begin anew: recurrent ones with a hidden state of 0.
  public func resetState() {
    for buffer in plan.steps.flatMap(\.arguments.state) {
      UnsafeMutableRawPointer(pointer(buffer)).initializeMemory(
        as: UInt8.self, repeating: 0, count: plan.buffers[buffer].byteCount)
    }
  }

  private func run(_ range: Range<Int>) throws {
    pool.prepare()
    let context = RunContext(seed: seed, iteration: iteration, pool: pool, faults: faults)
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

  // MARK: Values

  /// The memory of an input blob, to be filled before `forward`; nil when the net has no such input.
  public func input(_ blob: String) -> UnsafeMutableBufferPointer<Float>? {
    guard let value = plan.graph.inputs.first(where: { plan.graph.graph.values[$0].name == blob }) else { return nil }
    return memory(plan.valueBuffers[value], value)
  }

  /// Copies a tensor into an input.
  ///
  /// - Throws: `RunError` when there is no such input or the shape is another.
  public func setInput(_ blob: String, _ tensor: Tensor) throws {
    let inputs = plan.graph.inputs.map { plan.graph.graph.values[$0].name }
    guard let memory = input(blob) else {
      throw RunError("the net has no input \"\(blob)\"; its inputs are \(inputs.joined(separator: ", "))")
    }
    guard tensor.shape.count == memory.count else {
      throw RunError("input \"\(blob)\" has shape \(plan.graph.shape(of: blob) ?? []), the tensor given has \(tensor.shape)")
    }
    copy(tensor, to: memory)
  }

  /// The content of an observed blob after `forward`; nil when it was not asked for in the plan.
  public func output(_ blob: String) -> Tensor? {
    plan.graph.graph.value(named: blob).flatMap { tensor(plan.valueBuffers[$0], $0) }
  }

  /// The content of an observed value of the graph after `forward`.
  public func output(ofValue value: Int) -> Tensor? { tensor(plan.valueBuffers[value], value) }

  /// Gives an output the gradient that `backward` starts from.
  ///
  /// - Throws: `RunError` when the plan has no such seed.
  public func setOutputDiff(_ blob: String, _ tensor: Tensor) throws {
    guard let value = plan.graph.graph.value(named: blob).map(plan.program.resolved),
      let memory = memory(plan.seedBuffers[value], value),
      memory.count == tensor.shape.count
    else { throw RunError("output \"\(blob)\" takes no gradient of shape \(tensor.shape)") }
    copy(tensor, to: memory)
  }

  /// The gradient of an input blob after `backward`; nil when none was computed.
  public func inputDiff(_ blob: String) -> Tensor? {
    plan.graph.inputs.first { plan.graph.graph.values[$0].name == blob }.flatMap { tensor(plan.inputDiffBuffers[$0], $0) }
  }

  private func memory(_ buffer: Int?, _ value: Int) -> UnsafeMutableBufferPointer<Float>? {
    buffer.map { UnsafeMutableBufferPointer(start: pointer($0), count: plan.graph.shapes[value].count) }
  }

  private func tensor(_ buffer: Int?, _ value: Int) -> Tensor? {
    memory(buffer, value).map { memory in Tensor(plan.graph.shapes[value]) { _ = $0.update(from: memory) } }
  }

  private func copy(_ tensor: Tensor, to memory: UnsafeMutableBufferPointer<Float>) {
    _ = tensor.values.withUnsafeBufferPointer { memory.update(from: $0) }
  }
}

/// Values that a net cannot work with.
public struct RunError: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
