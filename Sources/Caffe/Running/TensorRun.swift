import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan

/// Tensors in, tensors out: runs a net on the values in an HDF5 file and writes what it computes to another.
///
/// Groups read: `input/BLOB`, and for backward `top_diff/BLOB`; the attribute `phase` is the default phase. Groups
/// written: `top/BLOB`, `bottom_diff/BLOB`, `param_diff/LAYER/I`, `param_after/LAYER/I`.
public struct TensorRun: Sendable {
  /// The net's file.
  public var net: String
  /// Its weights; nil fills parameters by their fillers.
  public var weights: String?
  /// TRAIN or TEST; nil takes the file's attribute, and TEST without one.
  public var phase: Phase?
  public var backward = false
  /// Blobs to write beside the outputs.
  public var blobs: [String] = []
  public var options = NetOptions()

  public init(net: String, weights: String? = nil) {
    self.net = net
    self.weights = weights
  }

  /// What a run gave.
  public struct Result: Sendable {
    public var phase = Phase.TEST
    public var tops: [String: Tensor] = [:]
    public var bottomDiffs: [String: Tensor] = [:]
    /// By `LAYER/I`; a shared parameter appears under every layer that uses it. What has no gradient has zeros.
    public var parameterDiffs: [String: Tensor] = [:]
    /// By `LAYER/I`: parameters that forward itself changes.
    public var parametersAfter: [String: Tensor] = [:]
    public var copyReport: CopyReport?
  }

  /// Runs the net on a file's values.
  ///
  /// - Throws: what reading, building or running the net throws.
  public func run(input path: String) throws -> Result {
    let file = try HDF5Reader(path: path)
    let phase = try phase ?? filePhase(file)
    let inputs = try tensors(file, "input")
    let seeds = backward ? try tensors(file, "top_diff") : [:]
    let graph = try shapedGraph(phase, inputs.mapValues(\.shape))
    var values = ParameterValues(graph, seed: options.seed)
    var result = Result(phase: phase)
    if let weights { result.copyReport = try values.copy(from: try WeightSet.load(path: weights)) }
    let session = try session(graph, values, seeds: Set(seeds.keys))
    for (name, tensor) in inputs { try session.setInput(name, tensor) }
    try session.forward()
    collectTops(session, into: &result)
    try collectParameters(session, into: &result)
    if backward {
      for (name, tensor) in seeds where graph.seedable(name) { try session.setOutputDiff(name, tensor) }
      try session.backward()
      try collectDiffs(session, into: &result)
    }
    return result
  }

  private func filePhase(_ file: HDF5Reader) throws -> Phase {
    switch try file.attribute("phase") {
    case "TRAIN"?: .TRAIN
    case "TEST"?, nil: .TEST
    case let other?: throw RunError("\(file.path): the attribute phase is \"\(other)\"; it must be TRAIN or TEST")
    }
  }

  private func tensors(_ file: HDF5Reader, _ group: String) throws -> [String: Tensor] {
    guard file.contains(group) else { return [:] }
    let names = try file.datasets(under: group)
    return Dictionary(uniqueKeysWithValues: try names.map { ($0, try file.tensor("\(group)/\($0)")) })
  }

  private func shapedGraph(_ phase: Phase, _ shapes: [String: Shape]) throws -> ShapedGraph {
    let definition = try NetDefinition(path: net, registry: options.registry)
    var state = options.state
    state.phase = phase
    let graph = try NetGraph(definition, state: state, registry: options.registry)
    for name in shapes.keys.sorted() where graph.value(named: name) == nil {
      throw RunError(
        "the input file has \"\(name)\", but the net has no such blob; it has \(graph.blobNames.joined(separator: ", "))")
    }
    try graph.check(blobs: blobs)
    let missing = graph.inputNames(options.registry).filter { shapes[$0] == nil }
    guard missing.isEmpty else { throw RunError("the input file lacks \(missing.map { "input/\($0)" }.joined(separator: ", "))") }
    return try ShapedGraph(graph, registry: options.registry, inputs: shapes)
  }

  private func session(_ graph: ShapedGraph, _ values: ParameterValues, seeds: Set<String>) throws -> Session {
    let program = Program(graph, purpose: backward ? .training : .inference, observing: Set(blobs))
    var planOptions = options.planOptions
    planOptions.seeds = seeds
    let plan = try Planner.plan(program, backends: try options.backends(), options: planOptions)
    return try Session(try ResidentWeights(plan, provider: values.write, runs: values.write), seed: options.seed)
  }

  private func collectTops(_ session: Session, into result: inout Result) {
    let graph = session.plan.graph.graph
    for name in graph.outputs.map({ graph.values[$0].name }) + blobs { result.tops[name] = session.output(name) }
  }

  private func collectParameters(_ session: Session, into result: inout Result) throws {
    try eachParameter(session.plan.graph) { key, parameter in
      guard session.plan.graph.parameters[parameter].role == .statistic else { return }
      result.parametersAfter[key] = try session.weights.tensor(ofParameter: parameter)
    }
  }

  private func collectDiffs(_ session: Session, into result: inout Result) throws {
    let graph = session.plan.graph
    for value in graph.inputs {
      let name = graph.graph.values[value].name
      result.bottomDiffs[name] = session.inputDiff(name) ?? Tensor(graph.shapes[value])
    }
    try eachParameter(graph) { key, parameter in
      result.parameterDiffs[key] = try session.weights.diff(ofParameter: parameter) ?? Tensor(graph.parameters[parameter].shape)
    }
  }

  private func eachParameter(_ graph: ShapedGraph, _ body: (String, Int) throws -> Void) rethrows {
    for node in graph.nodes {
      for (index, parameter) in node.parameters.enumerated() { try body("\(node.definition.name)/\(index)", parameter) }
    }
  }
}

extension ShapedGraph {
  /// Whether the caller may give this blob a gradient: an output that is no loss.
  fileprivate func seedable(_ blob: String) -> Bool {
    guard let value = graph.value(named: blob) else { return false }
    return nodes[graph.values[value].producer.node].lossWeights.allSatisfy { $0 == 0 }
      && gradients.runsBackward[graph.values[value].producer.node]
  }
}

extension TensorRun.Result {
  /// Writes the result; the file appears whole or not at all.
  ///
  /// - Throws: `HDF5Error`.
  public func write(path: String) throws {
    let file = try HDF5Writer(path: path)
    try file.setAttribute("phase", to: phase == .TRAIN ? "TRAIN" : "TEST")
    for (group, tensors) in [
      ("top", tops), ("bottom_diff", bottomDiffs), ("param_diff", parameterDiffs), ("param_after", parametersAfter),
    ] {
      for name in tensors.keys.sorted() { if let tensor = tensors[name] { try file.write(tensor, to: "\(group)/\(name)") } }
    }
    try file.commit()
  }
}
