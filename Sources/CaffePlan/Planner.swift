import CaffeCore
import CaffeGraph

/// Turns a program into a plan: chooses kernels, keeps layouts, lays out memory.
public enum Planner {
  /// - Parameter backends: in the order of preference; the reference is asked last in any case.
  /// - Throws: `PlanError` for an unknown pass name, for gradients in bf16, or where the net does not fit into the memory that the
  ///   options allow.
  public static func plan(_ program: Program, backends: [any Backend], options: PlanOptions = PlanOptions()) throws(PlanError)
    -> ExecutionPlan
  {
    for name in options.withoutPasses where !Passes.names.contains(name) {
      throw PlanError("there is no pass \"\(name)\"; the passes are \(Passes.names.joined(separator: ", "))")
    }
    guard options.precision == .fp32 || program.purpose == .inference else {
      throw PlanError(
        "\(options.precision.rawValue) is a precision for inference, and this net would compute gradients; choose fp32, or leave gradients out"
      )
    }
    var program = program
    program.seeds = Set(options.seeds.compactMap { program.graph.graph.value(named: $0) })
    for pass in Passes.rewriting where options.runs(pass.name) { pass.run(&program) }
    if options.runs(Passes.joinSeparable) { JoinSeparable.run(&program, backends, options) }
    var joined = program
    if options.runs(Passes.joinSiblings) { JoinSiblings.run(&joined, backends, options) }
    let plan = try plan(rewritten: joined, backends: backends, options: options)
    guard let limit = options.memoryLimit, plan.byteCount > limit else { return plan }
    return try self.plan(rewritten: program, backends: backends, within: limit, options)
  }

  /// The plan without what trades memory for speed: Winograd's filters take four times as much, and siblings' outputs exist at once.
  private static func plan(rewritten program: Program, backends: [any Backend], within limit: Int, _ options: PlanOptions)
    throws(PlanError) -> ExecutionPlan
  {
    var options = options
    options.withoutPasses.insert(Passes.winograd)
    let plan = try plan(rewritten: program, backends: backends, options: options)
    guard plan.byteCount <= limit else {
      throw PlanError(
        "the net needs \(megabytes(plan.byteCount)) MB for weights and activations, and \(megabytes(limit)) MB are allowed; use a "
          + "smaller batch or input, or allow more")
    }
    return plan
  }

  private static func megabytes(_ bytes: Int) -> Int { (bytes + 999_999) / 1_000_000 }

  /// Plans what comes after a level whose varying shapes are known now, on the reference, so that its weights lie alike whatever
  /// the shapes.
  ///
  /// - Parameter shapes: the shapes that varying tops have got, by value.
  /// - Throws: `Diagnostics` when the later layers cannot take such shapes, or `PlanError`.
  static func plan(after earlier: ExecutionPlan, shapes: [Int: Shape]) throws -> ExecutionPlan {
    var program = try earlier.program.reshaped(shapes)
    program.level = earlier.program.level + 1
    let pools = earlier.backends.filter { !($0 is ReferenceBackend) }.map(PoolOnly.init)
    return try plan(rewritten: program, backends: pools, options: earlier.options)
  }

  private static func plan(rewritten program: Program, backends: [any Backend], options: PlanOptions) throws(PlanError)
    -> ExecutionPlan
  {
    let forward = try ForwardPlanner.planned(program, backends: backends + [ReferenceBackend()], options: options)
    var backward = BackwardPlanner(forward)
    if program.purpose == .training { try backward.run() }
    return try backward.draft.finish(
      program, forwardCount: forward.draft.steps.count, inputDiffs: backward.inputDiffs, seeds: backward.seeds)
  }
}

/// A backend that lends its threads and computes nothing.
private struct PoolOnly: Backend {
  let backend: any Backend
  var name: String { backend.name }
  init(_ backend: any Backend) { self.backend = backend }
  func offer(_ request: KernelRequest) -> KernelOffer? { nil }
  func pool(threads: Int) -> (any ComputePool)? { backend.pool(threads: threads) }
}

/// A request that cannot be planned.
public struct PlanError: Error, Sendable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}

/// A plan in the making: steps, buffers, and which buffer holds a value in which layout.
struct PlanDraft {
  struct Version: Hashable {
    let value: Int
    let layout: Layout
  }

  let backends: [any Backend]
  let options: PlanOptions
  var steps: [ExecutionPlan.Step] = []
  var buffers: [ExecutionPlan.Buffer] = []
  /// Buffers that hold their content from the first step to the last.
  var pinned: Set<Int> = []
  var residents: [ExecutionPlan.Resident] = []
  private var residentBuffers: [Int: (weight: Int, diff: Int?)] = [:]
  /// Pairs (output, input) that may share memory if nobody else needs the input.
  var overlays: [Int: (over: Int, under: Int)] = [:]
  var versions: [Version: Int] = [:]
  /// The layout each value was made in.
  var home: [Int: Layout] = [:]
  var valueBuffers: [Int: Int] = [:]

  init(backends: [any Backend], options: PlanOptions) {
    self.backends = backends
    self.options = options
  }

  mutating func buffer(_ byteCount: Int) -> Int {
    buffers.append(.init(byteCount: byteCount, place: .arena(-1)))
    return buffers.count - 1
  }

  /// The buffer with a value in a layout, made by a reorder when there is none yet.
  mutating func acquire(_ value: Int, _ layout: Layout, shape: Shape, name: String) throws(PlanError) -> Int {
    if let buffer = versions[Version(value: value, layout: layout)] { return buffer }
    guard let home = home[value], let source = versions[Version(value: value, layout: home)] else {
      throw PlanError("blob \"\(name)\" is read before it is made")
    }
    let target = buffer(layout.byteCount(shape))
    try reorder(source, home, to: target, layout, shape: shape, name: name)
    versions[Version(value: value, layout: layout)] = target
    return target
  }

  mutating func reorder(_ source: Int, _ from: Layout, to target: Int, _ to: Layout, shape: Shape, name: String) throws(PlanError)
  {
    let kernel = backends.lazy.compactMap { $0.reorder(shape, from: from, to: to) }.first
    guard let kernel else { throw PlanError("no backend turns \(from) into \(to) for blob \"\(name)\"") }
    append(.reorder, name, kernel, inputs: [source], outputs: [target])
  }

  /// Adds a step that reads its inputs and writes its outputs whole, or changes them.
  mutating func append(
    _ kind: ExecutionPlan.Step.Kind, _ name: String, _ kernel: any Kernel, inputs: [Int], outputs: [Int], changes: Bool = false
  ) {
    var arguments = KernelArguments<Int>()
    arguments.inputs = inputs
    arguments.outputs = outputs
    steps.append(
      .init(
        kind: kind, name: name, operation: nil, kernel: kernel, arguments: arguments, reads: changes ? inputs + outputs : inputs,
        writes: outputs))
  }

  // MARK: Weights

  /// The buffer of a weight in a layout; weights keep theirs between runs.
  mutating func weight(_ source: WeightSource, _ layout: Layout, shape: Shape) -> Int {
    if let index = residents.firstIndex(where: { $0.source == source && $0.layout == layout }), let place = residentBuffers[index]
    {
      return place.weight
    }
    residents.append(.init(source: source, shape: shape, layout: layout, hasDiff: false))
    buffers.append(.init(byteCount: layout.byteCount(shape), place: .weight(residents.count - 1)))
    residentBuffers[residents.count - 1] = (buffers.count - 1, nil)
    return buffers.count - 1
  }

  /// The buffer of a weight's gradient, in the layout of the weight.
  mutating func weightDiff(of weight: Int) -> Int? {
    guard case .weight(let index) = buffers[weight].place, let place = residentBuffers[index] else { return nil }
    if let diff = place.diff { return diff }
    residents[index].hasDiff = true
    buffers.append(.init(byteCount: buffers[weight].byteCount, place: .weightDiff(index)))
    residentBuffers[index] = (place.weight, buffers.count - 1)
    return buffers.count - 1
  }
}
