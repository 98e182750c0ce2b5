/// Where the gradient of each weight lies.
struct GradientMemory: Sendable {
  /// Byte offset per resident; 0 for those without a gradient.
  let offsets: [Int]
  let byteCount: Int
  /// Bytes that the gradients take where each has a place of its own.
  let keptByteCount: Int
  /// Whether those that are not needed at the same time lie over each other. All of the memory is zero between two passes then, as
  /// whoever takes a gradient sets it to zero.
  let isShared: Bool

  /// - Parameter isLast: whether no later level adds to gradients.
  init(_ draft: PlanDraft, forwardCount: Int, isLast: Bool) {
    let trained = draft.residents.indices.filter { draft.residents[$0].hasDiff }
    let lifetimes = GradientLifetimes(draft.steps, draft.buffers, from: forwardCount)
    let early = trained.map { resident in
      MemoryPlan.Demand(
        byteCount: draft.residents[resident].byteCount, lifetime: lifetimes.steps[resident] ?? forwardCount...forwardCount)
    }
    isShared = isLast && draft.options.takesGradientsEarly && draft.options.runs(Passes.shareMemory)
    let all = MemoryPlan(inOrder: early.map(\.byteCount))
    let plan = isShared ? MemoryPlan(early, shares: true) : all
    var offsets = [Int](repeating: 0, count: draft.residents.count)
    for (resident, offset) in zip(trained, plan.offsets) { offsets[resident] = offset }
    (self.offsets, byteCount, keptByteCount) = (offsets, plan.byteCount, all.byteCount)
  }
}

/// From which step to which the backward pass adds to the gradient of each weight, or reads the weight.
struct GradientLifetimes {
  /// By resident; none where no step of this level adds anything.
  let steps: [Int: ClosedRange<Int>]

  init(_ steps: [ExecutionPlan.Step], _ buffers: [ExecutionPlan.Buffer], from forwardCount: Int) {
    var first: [Int: Int] = [:]
    var last: [Int: Int] = [:]
    for (index, step) in steps.enumerated().dropFirst(forwardCount) {
      for buffer in step.reads + step.writes {
        switch buffers[buffer].place {
        case .weight(let resident): last[resident] = index
        case .weightDiff(let resident):
          first[resident] = first[resident] ?? index
          last[resident] = index
        case .arena, .part: break
        }
      }
    }
    self.steps = first.reduce(into: [:]) { $0[$1.key] = $1.value...(last[$1.key] ?? $1.value) }
  }
}
