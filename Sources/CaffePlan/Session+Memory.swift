import CaffeCore
import CaffeFormat
import CaffeGraph

extension Session {
  /// What recurrent layers carry from batch to batch. Layers behind one whose shapes depend on values begin anew with each set of
  /// shapes, and are not among them.
  public var memories: [ResumeState.Memory] {
    memoryPlaces.map { place in
      var memory = ResumeState.Memory()
      (memory.layer, memory.index, memory.values) = (place.layer, place.index, Array(place.memory))
      return memory
    }
  }

  /// Gives layers back what they remembered.
  ///
  /// - Throws: `RunError` when this net has no such memory.
  public func restore(_ memories: [ResumeState.Memory]) throws(RunError) {
    let places = memoryPlaces
    guard places.count == memories.count else {
      throw RunError("the net remembers \(places.count) blobs, \(memories.count) are given: it is another net")
    }
    for (place, memory) in zip(places, memories) {
      guard place.layer == memory.layer, place.index == memory.index, place.memory.count == memory.values.count else {
        throw RunError(
          "layer \"\(memory.layer)\" of this net does not remember \(memory.values.count) values as its blob \(memory.index): "
            + "it is another net")
      }
      _ = place.memory.update(from: memory.values)
    }
  }

  /// Layers that carry something from batch to batch which is not among `memories`: those behind a layer whose shapes depend on
  /// values.
  public var forgetfulLayers: [String] {
    let kept = Set(memoryPlaces.map(\.layer))
    return plan.graph.nodes.filter { !$0.signature.state.isEmpty }.map(\.definition.name).filter { !kept.contains($0) }
  }

  private var memoryPlaces: [(layer: String, index: Int, memory: UnsafeMutableBufferPointer<Float>)] {
    plan.steps.flatMap { step -> [(layer: String, index: Int, memory: UnsafeMutableBufferPointer<Float>)] in
      guard step.kind == .forward, let operation = step.operation.map({ plan.program.operations[$0] }) else { return [] }
      let layer = plan.graph.nodes[operation.node].definition.name
      return step.arguments.state.enumerated().compactMap { index, buffer in
        stages[0].memory(buffer).map { (layer, index, $0) }
      }
    }
  }
}
