import CaffeCore
import CaffeFormat
import CaffeGraph

extension ResidentWeights {
  /// All parameters as a caffemodel holds them: per layer, shared ones under every layer that uses them.
  ///
  /// - Throws: what a backend's reorder reports.
  public func weightSet(withDiffs: Bool = false) throws -> WeightSet {
    let graph = plan.graph
    var set = WeightSet(name: graph.graph.name)
    for node in graph.nodes where !node.parameters.isEmpty {
      let blobs = try zip(node.parameters, node.signature.weights).map { parameter, spec in
        let tensor = try tensor(ofParameter: parameter) ?? Tensor(spec.shape)
        let diff = withDiffs ? try diff(ofParameter: parameter) ?? Tensor(spec.shape) : nil
        return BlobRecord(try tensor.reshaped(to: spec.shape), diff: try diff?.reshaped(to: spec.shape))
      }
      set.layers.append(.init(name: node.definition.name, type: node.definition.type, blobs: blobs))
    }
    return set
  }

  /// Takes the parameters of layers of the same name from weights of another plan: a test net's from the training net's. A layer that
  /// only this net has keeps its own.
  ///
  /// - Throws: `RunError` where sizes differ, or where a layer of both nets has been worked into one that only this net has; or what a
  ///   backend's reorder reports.
  public func share(from other: ResidentWeights) throws {
    let sources = sources(in: other)
    for resident in plan.residents where resident.isMixed(sources) { throw mixed(resident, sources) }
    var failure: (any Error)?
    let given: (ExecutionPlan.Resident) -> Bool = { $0.source.parameters.allSatisfy { sources[$0] != nil } }
    try load(only: given) { parameter, destination in
      let spec = plan.graph.parameters[parameter]
      do {
        guard let tensor = try sources[parameter].flatMap({ try other.tensor(ofParameter: $0) }) else { return }
        guard tensor.shape.count == destination.count else {
          throw RunError(
            "parameter \(spec.index) of layer \"\(spec.layer)\" is \(spec.shape) here and \(tensor.shape) in the net it shares with"
          )
        }
        _ = tensor.values.withUnsafeBufferPointer { destination.update(from: $0) }
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// Per parameter, the other plan's of the same layer; nil where that has none.
  private func sources(in other: ResidentWeights) -> [Int?] {
    let kept = Set(other.plan.residents.compactMap { if case .parameter(let index) = $0.source { index } else { nil } })
    let places = Dictionary(
      other.plan.graph.nodes.flatMap { node in
        node.parameters.enumerated().map { (WeightKey(layer: node.definition.name, index: $0), $1) }
      }, uniquingKeysWith: { first, _ in first })
    return plan.graph.parameters.map { spec in
      places[WeightKey(layer: spec.layer, index: spec.index)].flatMap { kept.contains($0) ? $0 : nil }
    }
  }

  private func mixed(_ resident: ExecutionPlan.Resident, _ sources: [Int?]) -> RunError {
    let layers = [true, false].map { isOwn in
      resident.source.parameters.first { (sources[$0] == nil) == isOwn }.map { plan.graph.parameters[$0].layer } ?? ""
    }
    return RunError(
      "layer \"\(layers[0])\" is in this net alone, and layer \"\(layers[1])\", which takes another net's weights, has been worked into "
        + "one with it; leave out the pass \(FoldBatchNorm.name)")
  }

  private struct WeightKey: Hashable {
    let layer: String
    let index: Int
  }
}

extension ExecutionPlan.Resident {
  /// Whether some of what it is made of has a source, and some has none.
  fileprivate func isMixed(_ sources: [Int?]) -> Bool {
    let own = source.parameters.count { sources[$0] == nil }
    return own > 0 && own < source.parameters.count
  }
}
