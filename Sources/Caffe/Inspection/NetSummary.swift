import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// What a net is made of, known before any weights: layers, shapes, parameters, operations and memory.
public struct NetSummary: Sendable, Encodable {
  /// One layer.
  public struct Layer: Sendable, Encodable {
    public let name: String
    public let type: String
    public let bottoms: [String]
    public let tops: [String]
    /// Learned and stored numbers.
    public let parameters: Int
    /// Multiplications and additions of one forward pass.
    public let flops: Int
    /// Bytes of the tops.
    public let bytes: Int
  }

  public let name: String
  public let phase: String
  /// Dimensions by blob name.
  public let blobs: [String: [Int]]
  public let layers: [Layer]
  public let parameters: Int
  public let flops: Int
  /// Bytes of activations and scratch as planned, and of weights.
  public let activationBytes: Int
  public let weightBytes: Int

  /// - Throws: `PlanError` when the plan cannot be made.
  public init(_ graph: ShapedGraph, options: NetOptions) throws {
    let net = graph.graph
    name = net.name
    phase = graph.graph.state.phase == .TRAIN ? "TRAIN" : "TEST"
    blobs = Dictionary(net.blobNames.compactMap { name in graph.shape(of: name).map { (name, $0.dims) } }) { $1 }
    layers = graph.nodes.map { node in
      Layer(
        name: node.definition.name, type: node.definition.type, bottoms: node.definition.bottoms.map(\.name),
        tops: node.definition.tops.map(\.name), parameters: node.signature.weights.reduce(0) { $0 + $1.shape.count },
        flops: node.flops,
        bytes: node.signature.tops.reduce(0) { $0 + $1.count * 4 })
    }
    parameters = graph.parameters.reduce(0) { $0 + $1.shape.count }
    flops = layers.reduce(0) { $0 + $1.flops }
    let purpose: Purpose = graph.graph.state.phase == .TRAIN ? .training : .inference
    let plan = try Planner.plan(
      Program(graph, purpose: purpose), backends: try options.backends(),
      options: PlanOptions(threads: options.threads, withoutPasses: options.withoutPasses))
    activationBytes = plan.arenaBytes
    weightBytes = plan.weightBytes
  }
}

extension ShapedGraph.Node {
  /// Multiplications and additions of one forward pass: exact for the layers that cost, one per element for the others.
  public var flops: Int {
    let elements = signature.tops.reduce(0) { $0 + $1.count }
    switch signature.primitive {
    case .convolution(let geometry): return geometry.flops
    case .innerProduct(let rows, let inputs, let outputs, _): return 2 * rows * inputs * outputs
    case .pooling(let geometry): return elements * geometry.kernel.reduce(1, *)
    case .lrn(let size, _, _, _): return elements * (2 * size + 2)
    case .view: return 0
    default: return role == .input || role == .source ? 0 : elements
    }
  }
}
