extension ExecutionPlan {
  /// Steps behind which gradients of parameters are complete and the parameters are read no more, in their order.
  public struct FinishedGradients: Sendable {
    /// The step.
    public let step: Int
    /// The graph's parameters to whose gradients no later step adds.
    public let parameters: [Int]
  }

  /// When the backward pass has finished the gradients of which parameters. Those to which only later levels add are not named: they
  /// are complete before this level's backward pass begins.
  public var finishedGradients: [FinishedGradients] {
    let last = GradientLifetimes(steps, buffers, from: forwardCount).steps.mapValues(\.upperBound)
    let finished = Dictionary(grouping: last.keys, by: { last[$0] ?? 0 })
    return finished.keys.sorted().map { step in
      let parameters = (finished[step] ?? []).compactMap { resident -> Int? in
        guard case .parameter(let parameter) = residents[resident].source else { return nil }
        return parameter
      }
      return FinishedGradients(step: step, parameters: parameters.sorted(by: >))
    }
  }
}

extension Session {
  /// Computes the gradients as `backward` does, and tells as it goes which parameters' are complete: each parameter with a gradient
  /// once. Where gradients share memory, `onFinished` uses them up and sets them to zero.
  ///
  /// - Throws: what a backend reports, or `onFinished` throws.
  public func backward(onFinished: ([Int]) throws -> Void) throws {
    let order = gradientOrder
    try backward { stage, context in
      if !order.others.isEmpty { try onFinished(order.others) }
      var next = plan.forwardCount
      for item in order.finished {
        try stage.run(next..<item.step + 1, context, onStep: onStep)
        try onFinished(item.parameters)
        next = item.step + 1
      }
      try stage.run(next..<plan.steps.count, context, onStep: onStep)
    }
  }
}

/// In which order the first level's backward pass finishes gradients.
struct GradientOrder {
  let finished: [ExecutionPlan.FinishedGradients]
  /// Parameters whose gradients are complete before it begins.
  let others: [Int]

  init(_ plan: ExecutionPlan, _ weights: ResidentWeights) {
    finished = plan.finishedGradients
    let known = Set(finished.flatMap(\.parameters))
    others = weights.trained.map(\.parameter).filter { !known.contains($0) }
  }
}
