import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan
import CaffeTraining

/// Builds nets with their weights and data: what a solver, `caffe test` and `caffe time` run.
public struct NetWorkshop: SolverWorkshop {
  public var options: NetOptions
  /// Weights to start from; later files win where both have a layer.
  public var weights: [WeightSet]
  /// Told what became of each layer's weights, of a solver's nets that of the one that trains: the others take its weights.
  public var onCopy: @Sendable (CopyReport) -> Void = { _ in }
  /// Shapes by blob name that replace the file's; nil where there is no way to give any.
  public var inputShapes: [String: Shape]?
  /// Blobs that can be read after a pass, beside the outputs.
  public var observed: [String] = []
  /// Whether a net whose data cannot be opened is built all the same, without data: enough to time it.
  public var toleratesMissingData = false
  /// The files that nets of this workshop write; `finish` it when the run is over.
  public var outputs = OutputFiles()
  private let place: FilePlace

  /// - Parameter file: the path of the solver or net, beside which files it names are looked for.
  public init(file: String?, options: NetOptions = NetOptions(), weights: [WeightSet] = []) {
    place = FilePlace(of: file)
    self.options = options
    self.weights = weights
  }

  public func build(_ source: SolverDefinition.NetSource, state: NetRole, startingAt start: DataStart) throws -> SolverNet {
    let (definition, place) = try definition(source)
    var merged = state.state
    if state.isTraining {  // Caffe's command line speaks of the training net only
      merged.stage += options.state.stage
      if options.state.level != 0 { merged.level = options.state.level }
    }
    return try build(
      definition, state: merged, purpose: state.isTraining ? .training : .inference, place: place, startingAt: start,
      isPlain: state.isPlain, takesGradientsEarly: state.takesGradientsEarly, tells: state.isTraining)
  }

  /// Builds a net from its file for a phase.
  ///
  /// - Parameters:
  ///   - showsDebugInfo: whether a net that says `debug_info` will be asked for what its layers make.
  ///   - shard: which of the data are taken here.
  /// - Throws: `FileError`, `WrongFileKind`, `Diagnostics`, or what opening the data throws.
  public func build(
    net path: String, phase: Phase, purpose: Purpose, showsDebugInfo: Bool = false, shard: DataShard = .whole
  ) throws -> SolverNet {
    var state = options.state
    state.phase = phase
    let definition = try NetDefinition(path: path, registry: options.registry)
    return try build(
      definition, state: state, purpose: purpose, place: FilePlace(of: path), startingAt: DataStart(shard: shard),
      isPlain: showsDebugInfo && definition.debugInfo)
  }

  private func definition(_ source: SolverDefinition.NetSource) throws -> (NetDefinition, FilePlace) {
    switch source {
    case .inline(let message): return (try NetDefinition(message, schema: options.registry.schema), place)
    case .file(let path):
      let found = place.findMoved(path)
      return (try NetDefinition(path: found, registry: options.registry), FilePlace(of: found))
    }
  }

  private func build(
    _ definition: NetDefinition, state: NetState, purpose: Purpose, place: FilePlace, startingAt start: DataStart,
    isPlain: Bool = false, takesGradientsEarly: Bool = false, tells: Bool = true
  ) throws -> SolverNet {
    let graph = try NetGraph(definition, state: state, registry: options.registry)
    try graph.check(blobs: observed)
    let shaped = try ShapedGraph(
      graph, registry: options.registry, inputs: inputShapes,
      sources: DataShapes.shapes(place, phase: state.phase, badData: options.badData))
    var planOptions = options.planOptions
    planOptions.takesGradientsEarly = takesGradientsEarly
    if isPlain { planOptions.withoutPasses = Set(Passes.names) }
    let session = try session(shaped, purpose: purpose, planOptions, tells: tells)
    // A pass that goes on where the last one ended cannot be another rank's.
    let start = session.plan.hasState && purpose == .inference ? start.unshared : start
    return SolverNet(
      session: session, feed: try feed(shaped, place, start, outputs: try outputs.layers(of: session, start)))
  }

  private func session(_ graph: ShapedGraph, purpose: Purpose, _ planOptions: PlanOptions, tells: Bool = false) throws -> Session
  {
    var values = ParameterValues(graph, seed: options.seed)
    for set in weights {
      let report = try values.copy(from: set)
      if tells { onCopy(report) }
    }
    let plan = try Planner.plan(
      Program(graph, purpose: purpose, observing: Set(observed)), backends: try options.backends(), options: planOptions)
    return try Session(try ResidentWeights(plan, provider: values.write, runs: values.write), seed: options.seed)
  }

  /// Another session of a net that was built here, with the same weights in another precision, for inference and without data.
  ///
  /// - Throws: `PlanError`, `OutOfMemory`, or what a backend reports.
  public func session(of net: SolverNet, in precision: Precision) throws -> Session {
    var other = self
    other.options.precision = precision
    return try other.session(net.session.plan.graph, purpose: .inference, other.options.planOptions)
  }

  private func feed(
    _ graph: ShapedGraph, _ place: FilePlace, _ start: DataStart, outputs: [OutputLayer]
  ) throws -> DataLayerFeed? {
    let context = DataContext(
      seed: options.seed, place: place, badData: options.badData, memory: options.memoryData, shard: start.shard)
    do {
      return try DataLayerFeed.make(for: graph, context, outputs: outputs, startingAt: start)
    } catch  where toleratesMissingData && NetWorkshop.saysDataIsMissing(error) {
      return nil
    }
  }

  private static func saysDataIsMissing(_ error: any Error) -> Bool {
    error is DatabaseError || error is HDF5Error || error is FileError || error is UnreadSourceError
  }
}
