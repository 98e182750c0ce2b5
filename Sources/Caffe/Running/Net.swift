import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan
import Synchronization

/// A net that answers: checked, planned and packed once, then usable from any number of threads at the same time.
///
/// ```swift
/// let net = try Net(prototxt: "deploy.prototxt", weights: "bvlc_googlenet.caffemodel")
/// let prob = try net.forward(["data": image])["prob"]
/// ```
public final class Net: Sendable {
  public let definition: NetDefinition
  public let options: NetOptions
  /// What became of each layer when the weights were copied; nil without weights.
  public let copyReport: CopyReport?
  private let graph: NetGraph
  private let weights: WeightSet?
  private let backends: [any Backend]
  private let prepared = Mutex<[PreparedNet]>([])

  /// Reads a net and, if given, its weights.
  ///
  /// - Parameters:
  ///   - prototxt: the path of a net of any age.
  ///   - weights: the path of a caffemodel or HDF5 weights; nil fills the parameters by their fillers.
  /// - Throws: `FileError`, `Diagnostics` with everything that is wrong with the net, or what reading weights throws.
  public convenience init(prototxt: String, weights: String? = nil, options: NetOptions = NetOptions()) throws {
    let definition = try NetDefinition(path: prototxt, registry: options.registry)
    try self.init(definition, weights: try weights.map { try WeightSet.load(path: $0) }, options: options)
  }

  /// Builds a net from parts in memory.
  ///
  /// - Throws: `Diagnostics` with everything that is wrong, or what a backend reports.
  public init(_ definition: NetDefinition, weights: WeightSet? = nil, options: NetOptions = NetOptions()) throws {
    self.definition = definition
    self.options = options
    self.weights = weights
    graph = try NetGraph(definition, state: options.state, registry: options.registry)
    backends = try options.backends()
    let first = try PreparedNet(graph, [:], weights, backends, options)
    copyReport = first.copyReport
    prepared.withLock { $0 = [first] }
  }

  /// The names of the input blobs with the shapes the file gives.
  public var inputs: [(name: String, shape: Shape)] {
    let shaped = prepared.withLock { $0[0].graph }
    return shaped.inputs.map { (shaped.graph.values[$0].name, shaped.shapes[$0]) }
  }

  /// The names of the outputs, sorted.
  public var outputs: [String] { graph.outputs.map { graph.values[$0].name } }

  /// Runs the net.
  ///
  /// - Parameter inputs: a value per input blob; another shape than the file's plans the net anew for it, once.
  /// - Returns: a value per output.
  /// - Throws: `RunError` for a missing input or values a layer cannot accept, `Diagnostics` when the net cannot take
  ///   inputs of that shape.
  public func forward(_ inputs: [String: Tensor]) throws -> [String: Tensor] {
    let names = self.inputs.map(\.name)
    let prepared = try prepare(inputs.filter { names.contains($0.key) }.mapValues(\.shape))
    return try prepared.withSession { session in
      for (name, tensor) in inputs { try session.setInput(name, tensor) }
      for name in names where inputs[name] == nil { throw RunError("input \"\(name)\" is missing") }
      try session.forward()
      return Dictionary(uniqueKeysWithValues: outputs.compactMap { name in session.output(name).map { (name, $0) } })
    }
  }

  /// Lets recurrent layers begin anew: with a hidden state of 0 instead of what the last pass left. Inputs of each shape have
  /// a state of their own.
  public func resetState() { for net in prepared.withLock({ $0 }) { net.resetState() } }

  /// How many shapes stay planned.
  private static let planLimit = 4

  /// The plan for inputs of those shapes, made now unless it is there.
  private func prepare(_ shapes: [String: Shape]) throws -> PreparedNet {
    try prepared.withLock { all in
      if let known = all.first(where: { $0.accepts(shapes) }) { return known }
      let new = try PreparedNet(graph, shapes, weights, backends, options)
      if all.count >= Net.planLimit { all.remove(at: 1) }
      all.append(new)
      return new
    }
  }
}

/// A net planned for one set of input shapes.
private final class PreparedNet: Sendable {
  let graph: ShapedGraph
  let copyReport: CopyReport?
  private let plan: ExecutionPlan
  private let weights: ResidentWeights
  private let seed: UInt64
  private let idle = Mutex<[SessionBox]>([])

  init(_ graph: NetGraph, _ shapes: [String: Shape], _ weights: WeightSet?, _ backends: [any Backend], _ options: NetOptions)
    throws
  {
    let shaped = try ShapedGraph(graph, registry: options.registry, inputs: shapes.isEmpty ? nil : shapes)
    var values = ParameterValues(shaped, seed: options.seed)
    copyReport = try weights.map { try values.copy(from: $0) }
    self.graph = shaped
    let program = Program(shaped, purpose: .inference)
    plan = try Planner.plan(
      program, backends: backends, options: options.planOptions)
    self.weights = try ResidentWeights(plan, provider: values.write, runs: values.write)
    seed = options.seed
  }

  func accepts(_ shapes: [String: Shape]) -> Bool {
    graph.inputs.allSatisfy { value in shapes[graph.graph.values[value].name].map { $0 == graph.shapes[value] } ?? true }
  }

  func resetState() { idle.withLock { for box in $0 { box.session.resetState() } } }

  /// Lends `body` a session that nobody else uses.
  func withSession<R>(_ body: (Session) throws -> R) throws -> R {
    // A net that changes its own weights, or goes on where the last pass ended, runs one pass at a time.
    if plan.changesWeights || plan.hasState {
      return try idle.withLock { try body(try PreparedNet.take(&$0, weights, seed, keep: true).session) }
    }
    let box = try idle.withLock { try PreparedNet.take(&$0, weights, seed, keep: false) }
    defer { idle.withLock { $0.append(box) } }
    return try body(box.session)
  }

  private static func take(_ idle: inout [SessionBox], _ weights: ResidentWeights, _ seed: UInt64, keep: Bool) throws
    -> SessionBox
  {
    if let box = idle.last {
      if !keep { idle.removeLast() }
      return box
    }
    let box = SessionBox(session: try Session(weights, seed: seed))
    if keep { idle.append(box) }
    return box
  }
}

// A session moves between threads but is used by one at a time: whoever took it from the list.
private struct SessionBox: @unchecked Sendable {
  let session: Session
}
