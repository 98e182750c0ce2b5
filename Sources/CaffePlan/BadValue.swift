import CaffeCore
import CaffeGraph

/// The first value of a pass that is no finite number, and who made it.
public struct BadValue: Sendable, CustomStringConvertible {
  /// `layer "conv1" (Convolution)`; of layers that run as one, the first.
  public let layer: String
  public let blob: String
  /// The item along the blob's first axis.
  public let item: Int
  /// NaN or an infinity.
  public let value: Float

  public var description: String { "\(layer) made blob \"\(blob)\", whose item \(item) holds \(value)" }
}

extension Session {
  /// Runs the last pass again with the values its inputs still hold, and looks at what each layer makes. Layers that went by the batches
  /// of several processes go by this one's, as the others have not come here.
  ///
  /// - Returns: the first value that is no finite number; nil where there is none, as when it came from a parameter or an input
  ///   and no layer passed it on.
  /// - Throws: what running the net throws.
  public func firstBadValue() throws -> BadValue? {
    if let bad = badInput() { return bad }
    var found: BadValue?
    let (before, past, sum) = (onStep, iteration, batchSum)
    (iteration, batchSum) = (max(0, iteration - 1), nil)
    defer { (onStep, iteration, batchSum) = (before, past, sum) }
    onStep = { [unowned self] step, _ in
      guard found == nil, step.kind == .forward, let index = step.operation else { return }
      let operation = plan.program.operations[index]
      for (place, output) in operation.outputs.enumerated() where found == nil {
        guard let memory = lastStage.memory(step.arguments.outputs[place]), let bad = Session.bad(in: memory) else { continue }
        found = describe(memory, bad, value: plan.program.origin(output))
      }
    }
    try forward()
    return found
  }

  private func badInput() -> BadValue? {
    for value in plan.graph.inputs {
      let name = plan.graph.graph.values[value].name
      if let memory = input(name), let bad = Session.bad(in: memory) { return describe(memory, bad, value: value) }
    }
    return nil
  }

  private func describe(_ memory: UnsafeMutableBufferPointer<Float>, _ index: Int, value: Int) -> BadValue {
    let graph = lastStage.plan.graph
    let items = max(1, graph.shapes[value].dims.first ?? 1)
    // Whatever the layout, items lie one behind the other.
    let item = min(items - 1, index / max(1, memory.count / items))
    return BadValue(
      layer: graph.nodes[graph.graph.values[value].producer.node].definition.title, blob: graph.graph.values[value].name,
      item: item, value: memory[index])
  }

  private static func bad(in memory: UnsafeMutableBufferPointer<Float>) -> Int? { memory.firstIndex { !$0.isFinite } }
}
