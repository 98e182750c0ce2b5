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

  /// Takes the parameters of layers of the same name from weights of another plan: a test net's from the training net's.
  ///
  /// - Throws: what a backend's reorder reports.
  public func share(from other: ResidentWeights) throws {
    var failure: (any Error)?
    let places = Dictionary(
      other.plan.graph.nodes.flatMap { node in
        node.parameters.enumerated().map { (WeightKey(layer: node.definition.name, index: $0), $1) }
      }, uniquingKeysWith: { first, _ in first })
    try load { parameter, destination in
      let spec = plan.graph.parameters[parameter]
      do {
        let source = try places[WeightKey(layer: spec.layer, index: spec.index)].flatMap { try other.tensor(ofParameter: $0) }
        // A layer that only this net has keeps its own values.
        let tensor = try source ?? self.tensor(ofParameter: parameter) ?? Tensor(spec.shape)
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

  private struct WeightKey: Hashable {
    let layer: String
    let index: Int
  }
}
