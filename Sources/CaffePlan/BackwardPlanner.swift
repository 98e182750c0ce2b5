import CaffeCore
import CaffeGraph

/// Lays out the backward pass behind the forward one: gradients flow from the losses up, and where several readers of
/// a blob send one back, they are added.
struct BackwardPlanner {
  let program: Program
  private let inputs: [Int]
  private let returned: Set<Int>
  let placed: [ForwardPlanner.Placed]
  var draft: PlanDraft
  /// The gradient of each value so far, in the layout the value was made in.
  private var diffs: [Int: Int] = [:]
  private(set) var seeds: [Int: Int] = [:]
  private(set) var inputDiffs: [Int: Int] = [:]

  init(_ forward: ForwardPlanner) {
    program = forward.program
    inputs = forward.inputs
    returned = Set(forward.returned)
    placed = forward.placed
    draft = forward.draft
  }

  mutating func run() throws(PlanError) {
    for operation in placed.reversed() where operation.offer.backward != nil { try place(operation) }
    for value in inputs {
      // An input may be an output as well, once the layers between have turned out to change nothing.
      if isSeed(value) { addSeed(value) }
      guard let diff = diffs[value] else { continue }
      draft.pinned.insert(diff)
      inputDiffs[value] = diff
    }
  }

  private mutating func place(_ forward: ForwardPlanner.Placed) throws(PlanError) {
    let operation = program.operations[forward.index]
    guard program.graph.gradients.runsBackward[operation.node], let kernel = forward.offer.backward else { return }
    var arguments = KernelArguments<Int>()
    arguments.inputs = forward.inputs
    arguments.outputs = forward.outputs
    arguments.weights = forward.weights
    arguments.saved = forward.saved
    arguments.scratch = forward.offer.backwardScratch.map { draft.buffer($0) }
    for place in operation.outputs.indices {
      arguments.outputDiffs.append(try gradient(operation, place, forward.offer.outputs[place]))
    }
    arguments.weightDiffs = operation.weights.indices.map { weightDiff(operation, $0, forward.weights[$0]) }
    let targets = operation.inputs.indices.map { target(operation, $0, forward.offer.inputs[$0]) }
    arguments.inputDiffs = targets.map { $0?.buffer }
    append(operation, forward, kernel, arguments)
    for (place, target) in targets.enumerated() {
      if let target { try deliver(target, to: operation.inputs[place], forward.offer.inputs[place]) }
    }
  }

  private mutating func append(
    _ operation: Program.Operation, _ forward: ForwardPlanner.Placed, _ kernel: any Kernel, _ arguments: KernelArguments<Int>
  ) {
    if forward.offer.allowsInPlace, let over = arguments.inputDiffs.first ?? nil, let under = arguments.outputDiffs.first {
      draft.overlays[draft.steps.count] = (over, under)
    }
    let values = forward.offer.backwardReads.map { read in
      switch read {
      case .bottom(let index): arguments.inputs[index]
      case .top(let index): arguments.outputs[index]
      }
    }
    draft.steps.append(
      .init(
        kind: .backward, name: operation.title, operation: forward.index, kernel: kernel, arguments: arguments,
        reads: values + arguments.saved + arguments.weights + arguments.outputDiffs,
        writes: arguments.inputDiffs.compactMap { $0 } + arguments.scratch + arguments.weightDiffs.compactMap { $0 }))
  }

  // MARK: Gradients of outputs

  /// The gradient of an output in the layout its kernel wants: what readers sent, the loss weight, the caller's.
  private mutating func gradient(_ operation: Program.Operation, _ place: Int, _ layout: Layout) throws(PlanError) -> Int {
    let value = operation.outputs[place]
    let shape = program.shape(value)
    let weight = program.graph.nodes[operation.node].lossWeights[place]
    if weight != 0 { fill(value, with: weight) }
    if isSeed(value) { addSeed(value) }
    if diffs[value] == nil { fill(value, with: 0) }
    let home = draft.home[value] ?? .dense
    guard let diff = diffs[value], home != layout else { return diffs[value] ?? draft.buffer(0) }
    let copy = draft.buffer(layout.byteCount(shape))
    try draft.reorder(diff, home, to: copy, layout, shape: shape, name: name(value))
    return copy
  }

  private func isSeed(_ value: Int) -> Bool { returned.contains(value) || isGivenByCaller(value) }

  private func isGivenByCaller(_ value: Int) -> Bool {
    draft.options.seeds.contains { name in
      guard let output = program.graph.graph.value(named: name), program.resolved(output) == value else { return false }
      return program.graph.nodes[program.graph.graph.values[output].producer.node].lossWeights.allSatisfy { $0 == 0 }
    }
  }

  private mutating func fill(_ value: Int, with number: Float) {
    let bytes = (draft.home[value] ?? .dense).byteCount(program.shape(value))
    let buffer = draft.buffer(bytes)
    draft.append(.seed, name(value), FillKernel(count: bytes / 4, value: number), inputs: [], outputs: [buffer])
    add(buffer, to: value)
  }

  private mutating func addSeed(_ value: Int) {
    let shape = program.shape(value)
    let seed = draft.buffer(Layout.dense.byteCount(shape))
    draft.pinned.insert(seed)
    seeds[value] = seed
    let home = draft.home[value] ?? .dense
    guard home != .dense else { return add(seed, to: value) }
    let copy = draft.buffer(home.byteCount(shape))
    try? draft.reorder(seed, .dense, to: copy, home, shape: shape, name: name(value))
    add(copy, to: value)
  }

  // MARK: Gradients of inputs

  private struct Target {
    let buffer: Int
    /// Whether the buffer is the value's gradient itself.
    let isHome: Bool
  }

  private mutating func target(_ operation: Program.Operation, _ place: Int, _ layout: Layout) -> Target? {
    guard program.propagates(operation, input: place) else { return nil }
    let value = operation.inputs[place]
    let buffer = draft.buffer(layout.byteCount(program.shape(value)))
    // A layer that reads a blob twice sends two gradients back: only the first may become the blob's own.
    let isFirst = diffs[value] == nil && operation.inputs.firstIndex(of: value) == place
    return Target(buffer: buffer, isHome: isFirst && layout == draft.home[value])
  }

  private mutating func deliver(_ target: Target, to value: Int, _ layout: Layout) throws(PlanError) {
    guard !target.isHome, let home = draft.home[value], layout != home else { return add(target.buffer, to: value) }
    let shape = program.shape(value)
    let copy = draft.buffer(home.byteCount(shape))
    try draft.reorder(target.buffer, layout, to: copy, home, shape: shape, name: name(value))
    add(copy, to: value)
  }

  /// Makes a buffer the value's gradient, or adds it to the one there is.
  private mutating func add(_ buffer: Int, to value: Int) {
    guard let diff = diffs[value] else {
      diffs[value] = buffer
      return
    }
    let count = draft.buffers[diff].byteCount / 4
    draft.append(.accumulate, name(value), AddKernel(count: count), inputs: [buffer], outputs: [diff], changes: true)
  }

  private mutating func weightDiff(_ operation: Program.Operation, _ place: Int, _ weight: Int) -> Int? {
    guard case .parameter(let index) = operation.weights[place], program.graph.gradients.parameters[index] else { return nil }
    return draft.weightDiff(of: weight)
  }

  private func name(_ value: Int) -> String { program.name(value) }
}
