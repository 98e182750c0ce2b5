import CaffeCore
import CaffeFormat

/// A graph whose every shape is known and whose every parameter has an owner. The third stage: whatever can be wrong
/// with a net has been found when one of these exists, and nothing has been allocated.
public struct ShapedGraph: Sendable {
  /// A layer with its shapes.
  public struct Node: Sendable {
    public let definition: LayerDefinition
    public let phase: Phase
    public let layer: any Layer
    public let role: LayerRole
    public let signature: LayerSignature
    public let bottoms: [Int]
    public let tops: [Int]
    /// Indices into `parameters`, one per weight of the signature.
    public let parameters: [Int]
    /// Per top: what it counts in the objective; 0 for most.
    public let lossWeights: [Float]
  }

  public let graph: NetGraph
  public let nodes: [Node]
  /// Per value of the graph.
  public let shapes: [Shape]
  public let parameters: [Parameter]
  /// What backward has to compute.
  public let gradients: GradientNeeds
  private let registry: LayerRegistry
  private let seeds: Set<String>

  /// Tells the shapes of a source layer's tops, for one by opening its database.
  public typealias SourceShapes = @Sendable (LayerDefinition) throws -> [Shape]

  /// Works out all shapes.
  ///
  /// - Parameters:
  ///   - inputs: shapes by blob name that replace what the file says about Input and data layers; nil where there is no way to
  ///     give any, and nobody shall be asked for them.
  ///   - gradientsInto: outputs that get a gradient from outside, and so count as losses.
  ///   - sources: how to learn the shapes of data layers not in `inputs`.
  /// - Throws: `Diagnostics` with every mistake at its place.
  public init(
    _ graph: NetGraph, registry: LayerRegistry, inputs: [String: Shape]? = nil, gradientsInto seeds: Set<String> = [],
    sources: @escaping SourceShapes = ShapedGraph.noSources
  ) throws(Diagnostics) {
    let builder = ShapedGraphBuilder(graph: graph, registry: registry, inputs: inputs, sources: sources)
    try self.init(builder, seeds)
  }

  private init(_ builder: ShapedGraphBuilder, _ seeds: Set<String>) throws(Diagnostics) {
    var builder = builder
    let graph = builder.graph
    for index in graph.nodes.indices { builder.add(index) }
    try builder.diagnostics.throwIfErrors()
    self.graph = graph
    nodes = builder.nodes.compactMap { $0 }
    shapes = builder.shapes.map { $0 ?? [] }
    parameters = builder.table.parameters
    registry = builder.registry
    self.seeds = seeds
    let analysis = GradientAnalysis(graph: graph, nodes: nodes, parameters: parameters, seeds: seeds)
    gradients = try analysis.needs()
  }

  /// The same net where tops of varying shape have got these shapes, by value.
  ///
  /// - Throws: `Diagnostics` when what reads them cannot take such shapes.
  public func reshaped(_ varying: [Int: Shape]) throws(Diagnostics) -> ShapedGraph {
    let known = Dictionary(inputs.map { (graph.values[$0].name, shapes[$0]) }) { $1 }
    var builder = ShapedGraphBuilder(graph: graph, registry: registry, inputs: known, sources: ShapedGraph.noSources)
    builder.varying = varying
    return try ShapedGraph(builder, seeds)
  }

  /// The answer of a program that has no data sources.
  public static let noSources: SourceShapes = { _ in throw ShapeError("its data is not read here") }

  /// Values whose content comes from outside: tops of Input layers and of data sources.
  public var inputs: [Int] { nodes.filter { $0.role == .input || $0.role == .source }.flatMap(\.tops) }

  /// The shape of a blob by name.
  public func shape(of blob: String) -> Shape? { graph.value(named: blob).map { shapes[$0] } }
}

/// A parameter blob, owned by the first layer that uses it.
public struct Parameter: Sendable {
  /// The owning layer and the blob's place in it.
  public let layer: String
  public let index: Int
  public let shape: Shape
  public let filler: FillerParameter
  public let role: WeightSpec.Role
  /// The name it is shared under.
  public let sharedName: String?
  public internal(set) var lrMult: Float
  public internal(set) var decayMult: Float
  /// Whether a layer gave the multipliers; those that share the parameter must then agree.
  var isMultGiven: (lr: Bool, decay: Bool)
  /// How many layers use it.
  public internal(set) var users: Int

  /// The node whose random stream fills it.
  public let node: Int
}
