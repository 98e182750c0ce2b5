import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffePlan
import CaffeTraining

/// A training as the command line asks for it: a solver's file, and weights or a snapshot to start from.
public struct Training: Sendable {
  public var solver: String
  /// Weights to start from.
  public var weights: [String] = []
  /// A `.solverstate` to go on from.
  public var snapshot: String?
  public var options: NetOptions
  public var log: @Sendable (String) -> Void = { _ in }

  public init(solver: String, options: NetOptions = NetOptions()) {
    self.solver = solver
    self.options = options
  }

  /// Reads the solver and builds its nets, ready to `solve`.
  ///
  /// - Throws: `FileError`, `Diagnostics`, `SolverError`, or what reading weights and data throws.
  public func prepare() throws -> Solver {
    let definition = try SolverDefinition(try SourceFile(path: solver), schema: options.registry.schema)
    var options = options
    if definition.parameter.randomSeed >= 0 { options.seed = UInt64(definition.parameter.randomSeed) }
    let state = try snapshot.map { try SolverState.load(path: $0) }
    var workshop = NetWorkshop(file: solver, options: options, weights: try startingWeights(definition, state))
    let log = log
    workshop.onCopy = { report in Training.describe(report).forEach(log) }
    if definition.asksForGPU { log("solver_mode is GPU; this engine runs on the CPU.") }
    try checkPrefix(definition)
    let built = try Solver(definition, workshop: workshop, startingAt: state?.iteration ?? 0)
    if let state { try built.restore(state) }
    built.log = log
    return built
  }

  /// A folder that cannot hold snapshots is better known now than after hours.
  private func checkPrefix(_ definition: SolverDefinition) throws(FileError) {
    guard definition.parameter.snapshot > 0 || definition.parameter.snapshotAfterTrain else { return }
    try AtomicFile(path: definition.snapshotPrefix + "_probe").abandon()
  }

  private func startingWeights(_ definition: SolverDefinition, _ state: SolverState?) throws -> [WeightSet] {
    guard let state, let snapshot else {
      let own = weights.isEmpty ? definition.parameter.weights.flatMap { $0.split(separator: ",").map(String.init) } : weights
      return try own.map { try WeightSet.load(path: FilePlace(of: solver).find($0)) }
    }
    guard let learned = state.learnedNet else {
      throw SolverError("\(snapshot) does not name its weights; give the .caffemodel of the same iteration")
    }
    // Caffe stored the path as it was given; the file has mostly moved together with the state.
    let name = learned.split(separator: "/").last.map(String.init) ?? learned
    let place = FilePlace(of: snapshot)
    return [try WeightSet.load(path: place.find(FilePlace.exists(learned) ? learned : name))]
  }

  /// One line per kind of outcome.
  public static func describe(_ report: CopyReport) -> [String] {
    var lines: [String] = []
    for (outcome, text) in [
      (CopyReport.Outcome.copied, "Copied weights of"), (.filled, "Not in the weights, filled:"),
      (.ignored, "Ignoring source layer"),
    ] {
      let names = report.names(outcome)
      if !names.isEmpty { lines.append("\(text) \(names.joined(separator: ", "))") }
    }
    return lines
  }
}
