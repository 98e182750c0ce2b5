import CaffeCore
import CaffeFormat
import CaffeGraph

/// The dense values of a net's parameters: from its fillers, or copied from stored weights.
public struct ParameterValues: Sendable {
  private enum Source: Sendable {
    case filler
    case stored(BlobRecord)
  }

  public let graph: ShapedGraph
  private let seed: UInt64
  private var sources: [Source]

  /// The values that the fillers give under a seed.
  public init(_ graph: ShapedGraph, seed: UInt64) {
    self.graph = graph
    self.seed = seed
    sources = graph.parameters.map { _ in .filler }
  }

  /// Copies the blobs of layers of the same name, as Caffe 1.0's CopyTrainedLayersFrom does: layers that the net lacks
  /// are passed over, layers that the file lacks keep their fillers.
  ///
  /// - Returns: what became of each layer.
  /// - Throws: `Diagnostics` naming every layer whose blobs differ in number or shape.
  @discardableResult
  public mutating func copy(from weights: WeightSet) throws(Diagnostics) -> CopyReport {
    var report = CopyReport()
    var problems = Diagnostics()
    let names = Set(graph.nodes.map(\.definition.name))
    for layer in weights.layers where !names.contains(layer.name) { report.add(layer.name, .ignored) }
    for (index, node) in graph.nodes.enumerated() where !node.parameters.isEmpty {
      guard let blobs = weights[node.definition.name] else {
        report.add(node.definition.name, .filled)
        continue
      }
      if let problem = mismatch(node, blobs) {
        problems.append(problem)
        continue
      }
      for (parameter, blob) in zip(node.parameters, blobs) where isOwner(index, of: parameter) {
        sources[parameter] = .stored(blob)
      }
      report.add(node.definition.name, .copied)
    }
    try problems.throwIfErrors()
    return report
  }

  private func isOwner(_ node: Int, of parameter: Int) -> Bool { graph.parameters[parameter].node == node }

  private func mismatch(_ node: ShapedGraph.Node, _ blobs: [BlobRecord]) -> Diagnostic? {
    let advice = "rename the layer to train it from its fillers"
    guard blobs.count == node.parameters.count else {
      return Diagnostic(
        "\(node.definition.title) has \(node.parameters.count) parameter(s), the stored weights have \(blobs.count)",
        at: node.definition.location, hint: advice)
    }
    for (index, (spec, blob)) in zip(node.signature.weights, blobs).enumerated() where !blob.fits(spec.shape) {
      return Diagnostic(
        "\(node.definition.title), parameter \(index): the net needs \(spec.shape), the stored weights have \(blob.shape)",
        at: node.definition.location, hint: advice)
    }
    return nil
  }

  /// Writes a parameter's values.
  public func write(_ parameter: Int, to destination: UnsafeMutableBufferPointer<Float>) {
    write(parameter, from: 0, to: destination)
  }

  /// Writes some of a parameter's values, as many as there is room for from one on.
  ///
  /// - Returns: false, with nothing written, where they are made all at once and these are not all.
  @discardableResult
  public func write(_ parameter: Int, from start: Int, to destination: UnsafeMutableBufferPointer<Float>) -> Bool {
    let owner = graph.parameters[parameter]
    switch sources[parameter] {
    case .stored(let blob):
      if let base = destination.baseAddress { blob.data.copy(start..<start + destination.count, to: base) }
    case .filler:
      guard destination.count == owner.shape.count || Filler.fillsInRuns(owner.filler) else { return false }
      let random = RandomStream(seed: seed, path: 0x66_696C_6C, UInt64(owner.node), UInt64(owner.index))
      Filler.fill(destination, from: start, shape: owner.shape, with: owner.filler, random: random)
    }
    return true
  }
}

/// What became of each layer when weights were copied.
public struct CopyReport: Sendable {
  public enum Outcome: String, Sendable {
    /// The layer has the stored weights.
    case copied
    /// The file has no weights for the layer: it keeps its fillers' values.
    case filled
    /// The net has no such layer.
    case ignored
  }
  public private(set) var layers: [(name: String, outcome: Outcome)] = []

  mutating func add(_ name: String, _ outcome: Outcome) { layers.append((name, outcome)) }

  /// The names with an outcome, in order.
  public func names(_ outcome: Outcome) -> [String] { layers.filter { $0.outcome == outcome }.map(\.name) }
}
