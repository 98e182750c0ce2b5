import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// What a net is made of, known before any weights: layers, shapes, parameters, operations and memory.
///
/// Where data is not there, or a layer is not here, what depends on it is nil.
public struct NetSummary: Sendable, Encodable {
  /// One layer.
  public struct Layer: Sendable, Encodable {
    public let name: String
    public let type: String
    public let bottoms: [String]
    public let tops: [String]
    /// Learned and stored numbers.
    public let parameters: Int?
    /// Multiplications and additions of one forward pass.
    public let flops: Int?
    /// Bytes of the tops.
    public let bytes: Int?
  }

  public let name: String
  public let phase: String
  /// Dimensions by blob name.
  public let blobs: [String: [Int]?]
  public let layers: [Layer]
  /// Over the layers whose shapes are known.
  public let parameters: Int
  /// Over the layers whose shapes are known.
  public let flops: Int
  /// Bytes of activations and scratch as planned, and of weights; nil while a shape is not known.
  public let activationBytes: Int?
  public let weightBytes: Int?
  /// What a process that runs the net will hold; nil while a shape is not known.
  public let memory: MemoryForecast?
  /// Why shapes are not known, and what else is odd.
  public let notes: [String]

  /// - Throws: `Diagnostics` with every mistake, or `PlanError` when the plan cannot be made.
  public init(_ inspection: NetInspection) throws {
    let survey = try inspection.survey()
    let shaped = survey.isComplete ? try inspection.shapedGraph() : nil
    name = survey.graph.name
    phase = survey.graph.state.phase == .TRAIN ? "TRAIN" : "TEST"
    blobs = Dictionary(survey.graph.blobNames.map { ($0, survey.shape(of: $0)?.dims) }) { $1 }
    layers = survey.layers.map(Layer.init)
    let nodes = survey.layers.compactMap(\.node)
    parameters = shaped?.parameters.reduce(0) { $0 + $1.shape.count } ?? layers.reduce(0) { $0 + ($1.parameters ?? 0) }
    flops = nodes.reduce(0) { $0 + $1.flops }
    let plan = try shaped == nil ? nil : inspection.plan(takesGradientsEarly: true)
    activationBytes = plan?.arenaBytes
    weightBytes = plan?.weightBytes
    memory = plan.map(MemoryForecast.init)
    notes = survey.notes.map(\.description)
  }
}

extension NetSummary.Layer {
  init(_ layer: ShapeSurvey.Layer) {
    let signature = layer.node?.signature
    name = layer.definition.name
    type = layer.definition.type
    bottoms = layer.definition.bottoms.map(\.name)
    tops = layer.definition.tops.map(\.name)
    parameters = signature?.weights.reduce(0) { $0 + $1.shape.count }
    flops = layer.node?.flops
    bytes = signature?.tops.reduce(0) { $0 + $1.count * 4 }
  }
}

extension ShapedGraph.Node {
  /// Multiplications and additions of one forward pass: exact for the layers that cost, one per element for the others.
  public var flops: Int {
    let elements = signature.tops.reduce(0) { $0 + $1.count }
    if let work = signature.primitive?.work { return work }
    switch signature.primitive {
    case .pooling(let geometry): return elements * geometry.kernel.reduce(1, *)
    case .lrn(let size, _, _, _): return elements * (2 * size + 2)
    case .view: return 0
    default: return role == .input || role == .source ? 0 : elements
    }
  }
}
