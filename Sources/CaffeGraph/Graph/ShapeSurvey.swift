import CaffeCore

/// What can be said of a net's shapes from its file alone: data that is not there, or a layer that is not here, leaves shapes
/// open instead of ending the work.
public struct ShapeSurvey: Sendable {
  /// One layer of the graph.
  public struct Layer: Sendable {
    public let definition: LayerDefinition
    /// nil where the shapes of its bottoms or its tops are not known.
    public let node: ShapedGraph.Node?
  }

  public let graph: NetGraph
  public let layers: [Layer]
  /// Per value of the graph; nil where it is not known.
  public let shapes: [Shape?]
  /// Why shapes are not known, and what else is odd.
  public let notes: Diagnostics

  /// Works out what can be.
  ///
  /// - Parameters: as those of `ShapedGraph`.
  /// - Throws: `Diagnostics` with every mistake at its place.
  public init(
    _ graph: NetGraph, registry: LayerRegistry, inputs: [String: Shape]? = nil,
    sources: @escaping ShapedGraph.SourceShapes = ShapedGraph.noSources
  ) throws(Diagnostics) {
    var builder = ShapedGraphBuilder(graph: graph, registry: registry, inputs: inputs, sources: sources)
    builder.toleratesUnknown = true
    for index in graph.nodes.indices { builder.add(index) }
    try builder.diagnostics.throwIfErrors()
    self.graph = graph
    layers = zip(graph.nodes, builder.nodes).map { Layer(definition: $0.definition, node: $1) }
    shapes = builder.shapes
    notes = Diagnostics(graph.warnings.items + builder.diagnostics.items)
  }

  /// Whether every shape is known.
  public var isComplete: Bool { !layers.contains { $0.node == nil } }

  /// The shape of a blob by name, if it is known.
  public func shape(of blob: String) -> Shape? { graph.value(named: blob).flatMap { shapes[$0] } }
}
