import CaffeCore
import CaffeGraph

/// A plan with memory: runs nets. Each thread that runs a net at the same time has a session of its own; the plan and,
/// unless it trains, the weights are shared.
///
/// Where shapes depend on values, the plan's later levels are planned when a pass has shown them, and kept for the next pass of the
/// same shapes.
public final class Session {
  public let plan: ExecutionPlan
  public let weights: ResidentWeights
  /// Random draws of layers are a function of this, the layer and `iteration`.
  public var seed: UInt64
  /// Forward passes made so far; decides the random draws of the next.
  public var iteration = 0
  /// The threads that the kernels share.
  public let pool: any ComputePool
  /// What layers add up with that go by the batches of several processes, such as BatchNorm: then all of these run the same net, pass
  /// by pass. nil where each goes by its own batch.
  public var batchSum: BatchSum?
  /// What `backward(onFinished:)` goes by in every pass.
  lazy var gradientOrder = GradientOrder(plan, weights)
  private let faults = FaultLog()
  private var varying = VaryingShapes()
  /// The stages of the last pass, by level.
  private(set) var stages: [Stage]
  private var knownStages: [[Int: Shape]: Stage] = [:]

  /// Called after each step with the step and the seconds it took, when set.
  public var onStep: ((ExecutionPlan.Step, Double) -> Void)?

  /// - Throws: `OutOfMemory`, or what a backend reports.
  public init(_ weights: ResidentWeights, seed: UInt64 = 0) throws {
    plan = weights.plan
    self.weights = weights
    self.seed = seed
    pool = plan.pool
    stages = [try Stage(plan, weights)]
  }

  // MARK: Running

  /// Computes all outputs from the inputs.
  ///
  /// - Throws: `RunError` when a layer cannot accept the values it was given, `Diagnostics` when it cannot take the shape that
  ///   another's values gave, or what a backend reports.
  public func forward() throws {
    _ = faults.take()  // a pass that was broken off may have left one
    varying = VaryingShapes()
    stages = [stages[0]]
    pool.prepare()
    let context = context
    try stages[0].run(0..<plan.forwardCount, context, onStep: onStep)
    while faults.isEmpty, let stage = try nextStage() {
      stages.append(stage)
      try stage.run(0..<stage.plan.forwardCount, context, onStep: onStep)
    }
    iteration += 1
    if let fault = faults.take() { throw RunError(fault) }
  }

  /// Computes the gradients; the weights' are added to what is there.
  ///
  /// - Throws: `RunError` where the plan lets gradients share memory, or what a backend reports.
  public func backward() throws {
    guard !plan.sharesGradientMemory else {
      throw RunError("the gradients of this net's weights share memory; take each as it is finished, by backward(onFinished:)")
    }
    try backward { stage, context in
      try stage.run(stage.plan.forwardCount..<stage.plan.steps.count, context, onStep: onStep)
    }
  }

  /// Runs backward through the later levels, then `runFirst` for the first one.
  func backward(runFirst: (Stage, RunContext) throws -> Void) throws {
    pool.prepare()
    for level in stages.indices.reversed() {
      let stage = stages[level]
      if level + 1 < stages.count { returnGradients(to: level) }
      if level == 0 {
        try runFirst(stage, context)
      } else {
        try stage.run(stage.plan.forwardCount..<stage.plan.steps.count, context, onStep: onStep)
      }
    }
  }

  /// Lets layers with a memory of earlier passes begin anew: recurrent ones with a hidden state of 0.
  public func resetState() {
    for stage in stages { stage.resetState() }
    for stage in knownStages.values { stage.resetState() }
  }

  /// The stage that runs now, or ran last.
  var lastStage: Stage { stages[stages.count - 1] }

  private var context: RunContext {
    RunContext(seed: seed, iteration: iteration, pool: pool, faults: faults, varying: varying, batchSum: batchSum)
  }

  // MARK: Levels

  /// How many sets of shapes keep their stages.
  private static let stageLimit = 64

  /// The stage behind the last one, planned for the shapes that are known now, with its inputs filled; nil when there is none.
  private func nextStage() throws -> Stage? {
    guard let last = stages.last, last.plan.hasLater else { return nil }
    var shapes = varying.shapes
    for stage in stages {
      for value in stage.plan.varyingValues where shapes[value] == nil { shapes[value] = stage.plan.graph.shapes[value] }
    }
    let stage: Stage
    if let known = knownStages[shapes] {
      stage = known
    } else {
      stage = try Stage(try Planner.plan(after: last.plan, shapes: shapes), weights)
      if knownStages.count >= Session.stageLimit { knownStages.removeAll() }
      knownStages[shapes] = stage
    }
    for value in stage.plan.borderInputs {
      guard let target = stage.value(value), let source = stages.lazy.compactMap({ $0.value(value) }).first else { continue }
      _ = target.update(from: source.prefix(target.count))
    }
    return stage
  }

  /// Hands the gradients that later stages computed for a stage's values to it.
  private func returnGradients(to level: Int) {
    for value in stages[level].plan.borderOutputs {
      guard let seed = stages[level].seed(value) else { continue }
      seed.update(repeating: 0)
      for stage in stages[(level + 1)...] {
        guard let diff = stage.inputDiff(value) else { continue }
        for index in diff.indices { seed[index] += diff[index] }
      }
    }
  }

  // MARK: Values

  /// The memory of an input blob, to be filled before `forward`; nil when the net has no such input.
  public func input(_ blob: String) -> UnsafeMutableBufferPointer<Float>? {
    plan.graph.inputs.first { plan.graph.graph.values[$0].name == blob }.flatMap { stages[0].value($0) }
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

  /// Takes over the inputs of another session of the same net.
  public func copyInputs(from other: Session) {
    for value in plan.graph.inputs {
      guard let source = other.stages[0].value(value), let target = stages[0].value(value) else { continue }
      _ = target.update(from: source.prefix(target.count))
    }
  }

  /// The content of an observed blob after `forward`; nil when it was not asked for in the plan.
  public func output(_ blob: String) -> Tensor? {
    plan.graph.graph.value(named: blob).flatMap { output(ofValue: $0) }
  }

  /// The content of an observed value of the graph after `forward`, in the shape it got.
  public func output(ofValue value: Int) -> Tensor? {
    guard let stage = stages.first(where: { $0.value(value) != nil }), let memory = stage.value(value) else { return nil }
    return tensor(memory, varying.shapes[value] ?? stage.plan.graph.shapes[value])
  }

  /// Gives an output the gradient that `backward` starts from.
  ///
  /// - Throws: `RunError` when the plan has no such seed.
  public func setOutputDiff(_ blob: String, _ tensor: Tensor) throws {
    guard let value = plan.graph.graph.value(named: blob).map(plan.program.resolved),
      let memory = stages.lazy.compactMap({ $0.seed(value) }).first,
      tensor.shape.count == memory.count || tensor.shape.count == varying.shapes[value]?.count
    else { throw RunError("output \"\(blob)\" takes no gradient of shape \(tensor.shape)") }
    memory.update(repeating: 0)
    copy(tensor, to: memory)
  }

  /// The gradient of an input blob after `backward`; nil when none was computed.
  public func inputDiff(_ blob: String) -> Tensor? {
    plan.graph.inputs.first { plan.graph.graph.values[$0].name == blob }.flatMap { value in
      stages[0].inputDiff(value).map { tensor($0, plan.graph.shapes[value]) }
    }
  }

  private func tensor(_ memory: UnsafeMutableBufferPointer<Float>, _ shape: Shape) -> Tensor {
    Tensor(shape) { _ = $0.update(from: memory.prefix(shape.count)) }
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
