import CaffeGraph

extension PlanDraft {
  /// Works out lifetimes, lays buffers over each other, and closes the plan.
  func finish(
    _ program: Program, forwardCount: Int, inputDiffs: [Int: Int], seeds: [Int: Int]
  ) throws(PlanError) -> ExecutionPlan {
    var lifetimes = Lifetimes(self)
    if options.runs(Passes.shareMemory) { lifetimes.layOver(overlays) }
    let (demands, slots) = lifetimes.demands()
    let memory = MemoryPlan(demands, shares: options.runs(Passes.shareMemory))
    var buffers = buffers
    for (buffer, slot) in slots { buffers[buffer].place = .arena(memory.offsets[slot]) }
    let borders = program.borders
    let own = zip(program.operations, borders.levels).filter { $1 == program.level }.map(\.0)
    return ExecutionPlan(
      program: program, options: options, steps: steps, forwardCount: forwardCount, residents: residents, memory: memory,
      gradients: GradientMemory(self, forwardCount: forwardCount, isLast: program.level + 1 == program.borders.count),
      buffers: buffers, valueBuffers: valueBuffers, seedBuffers: seeds, inputDiffBuffers: inputDiffs, backends: backends,
      hasLater: program.level + 1 < borders.count,
      varyingValues: own.flatMap { operation in operation.signature.varyingTops.sorted().map { operation.outputs[$0] } },
      borderInputs: program.level == 0 ? [] : borders.reads[program.level], borderOutputs: borders.gives[program.level])
  }
}

/// From which step to which each buffer's content is needed, and which buffers share their place.
private struct Lifetimes {
  private let draft: PlanDraft
  private var first: [Int]
  private var last: [Int]
  /// The buffer that stands for this one: the whole of a part, or the one it lies over.
  private var representative: [Int]

  init(_ draft: PlanDraft) {
    self.draft = draft
    first = [Int](repeating: Int.max, count: draft.buffers.count)
    last = [Int](repeating: -1, count: draft.buffers.count)
    representative = Array(draft.buffers.indices)
    for (index, buffer) in draft.buffers.enumerated() {
      if case .part(let whole, _) = buffer.place { representative[index] = whole }
    }
    for (index, step) in draft.steps.enumerated() {
      for buffer in step.reads + step.writes { touch(buffer, at: index) }
    }
    for buffer in draft.pinned {
      touch(buffer, at: 0)
      touch(buffer, at: max(0, draft.steps.count - 1))
    }
  }

  private func root(_ buffer: Int) -> Int {
    var buffer = buffer
    while representative[buffer] != buffer { buffer = representative[buffer] }
    return buffer
  }

  private mutating func touch(_ buffer: Int, at step: Int) {
    let root = root(buffer)
    first[root] = min(first[root], step)
    last[root] = max(last[root], step)
  }

  private func isArena(_ buffer: Int) -> Bool { if case .arena = draft.buffers[buffer].place { true } else { false } }

  /// Lets an output take its input's place where this step is the last to need the input, and reads it, or a part of it, once.
  mutating func layOver(_ overlays: [Int: (over: Int, under: Int)]) {
    for (step, pair) in overlays.sorted(by: { $0.key < $1.key }) {
      let (over, under) = (root(pair.over), root(pair.under))
      guard over != under, over == pair.over, isArena(over), isArena(under), isWhole(pair.under),
        !draft.pinned.contains(pair.under),
        draft.steps[step].reads.count(where: { root($0) == under }) == 1, last[under] == step, first[over] == step,
        draft.buffers[pair.over].byteCount == draft.buffers[pair.under].byteCount
      else { continue }
      representative[over] = under
      last[under] = max(last[under], last[over])
    }
  }

  /// Parts of a Concat keep their place within it.
  private func isWhole(_ buffer: Int) -> Bool { if case .part = draft.buffers[buffer].place { false } else { true } }

  /// The demands on the arena, and which demand each buffer is served by.
  func demands() -> (demands: [MemoryPlan.Demand], slots: [Int: Int]) {
    var demands: [MemoryPlan.Demand] = []
    var slotOfRoot: [Int: Int] = [:]
    var slots: [Int: Int] = [:]
    for buffer in draft.buffers.indices where isArena(buffer) {
      let root = root(buffer)
      if slotOfRoot[root] == nil {
        slotOfRoot[root] = demands.count
        let end = max(0, last[root])
        demands.append(.init(byteCount: draft.buffers[root].byteCount, lifetime: min(first[root], end)...end))
      }
      slots[buffer] = slotOfRoot[root]
    }
    return (demands, slots)
  }
}
