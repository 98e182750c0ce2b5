import CaffeCore
import CaffeGraph

extension Session {
  /// Told of a layer that has just run, by the index of its node, and the mean absolute value of each blob it made; nil for those it
  /// did not make.
  public typealias LayerTrace = (_ node: Int, _ means: [Float?]) -> Void

  /// Computes all outputs, and tells of the tops of each layer as it makes them. Layers that run as one tell of the last's,
  /// those that a pass has moved of what they make where they are now.
  ///
  /// - Throws: as `forward` does.
  public func forward(onLayer: @escaping LayerTrace) throws {
    for (node, item) in plan.graph.nodes.enumerated() where item.tops.allSatisfy(plan.graph.inputs.contains) {
      onLayer(node, item.tops.map { top in stages[0].value(top).map { mean(of: $0, value: top) } })
    }
    try tracing(.forward, onLayer, blobs: { zip($1.outputs, $0.outputs.map(Optional.some)) }, run: forward)
  }

  /// Computes the gradients, and tells of those of each layer's bottoms as it makes them.
  ///
  /// - Parameter run: what computes them in this session; nil for `backward`.
  /// - Throws: as `backward` does.
  public func backward(by run: (() throws -> Void)? = nil, onLayer: @escaping LayerTrace) throws {
    try tracing(.backward, onLayer, blobs: { zip($1.inputs, $0.inputDiffs) }, run: run ?? { try self.backward() })
  }

  private func tracing(
    _ kind: ExecutionPlan.Step.Kind, _ onLayer: @escaping LayerTrace,
    blobs: @escaping (KernelArguments<Int>, Program.Operation) -> Zip2Sequence<[Int], [Int?]>, run: () throws -> Void
  ) throws {
    let before = onStep
    defer { onStep = before }
    onStep = { [unowned self] step, seconds in
      before?(step, seconds)
      guard step.kind == kind, let operation = step.operation.map({ plan.program.operations[$0] }) else { return }
      onLayer(
        operation.node,
        blobs(step.arguments, operation).map { value, buffer in
          buffer.flatMap { lastStage.memory($0) }.map { mean(of: $0, value: value) }
        })
    }
    try run()
  }

  /// What only pads a layout is 0 and does not count.
  private func mean(of memory: UnsafeMutableBufferPointer<Float>, value: Int) -> Float {
    memory.reduce(0) { $0 + abs($1) } / Float(max(1, lastStage.plan.program.shape(value).count))
  }
}
