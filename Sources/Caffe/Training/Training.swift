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
  /// The files that the nets' HDF5Output layers write; `finish` it when the training is over.
  public var outputs = OutputFiles()
  public var log: @Sendable (String) -> Void = { _ in }
  /// The processes that train together; nil for one alone.
  public var ranks: (any Communicator)?
  /// Whether BatchNorm layers go by the batches of all ranks, not each by its own rank's.
  public var syncBatchNorm = false
  /// What else must be alike on all ranks than what the solver, its nets and data say.
  public var fingerprint = JobFingerprint(host: "")

  public init(solver: String, options: NetOptions = NetOptions()) {
    self.solver = solver
    self.options = options
  }

  /// Reads the solver and builds its nets, ready to `solve`.
  ///
  /// - Throws: `FileError`, `WrongFileKind`, `Diagnostics`, `SolverError`, or what reading weights and data throws.
  public func prepare() throws -> Solver {
    var options = options
    let schema = options.registry.schema
    let definition = try FileKind.solver.reading(solver) {
      try SolverDefinition(try SourceFile(path: solver), schema: schema)
    }
    let state = try snapshot.map { try SolverState.load(path: $0) }
    let resume = try state.flatMap { try resumeState(of: $0) }
    options.seed = seed(definition, resume)
    var workshop = NetWorkshop(file: solver, options: options, weights: try startingWeights(definition, state))
    workshop.outputs = outputs
    let log = log
    workshop.onCopy = { report in Training.describe(report).forEach(log) }
    if definition.asksForGPU { log("solver_mode is GPU; this engine runs on the CPU.") }
    try checkPrefix(definition)
    let built = try Solver(
      definition, workshop: workshop, startingAt: state?.iteration ?? 0, resume: resume, ranks: ranks,
      syncBatchNorm: syncBatchNorm)
    if let state { try built.restore(state) }
    var job = fingerprint
    job.add("seed", "\(options.seed)")
    try built.join(job)
    if definition.writesSnapshots {
      for layer in built.net.session.forgetfulLayers { log(Training.warning(ofForgetful: layer)) }
    }
    built.log = log
    return built
  }

  /// The seed of the run that goes on; else the solver's own, or the caller's.
  private func seed(_ definition: SolverDefinition, _ resume: ResumeState?) -> UInt64 {
    if let seed = resume?.seed { return UInt64(UInt(bitPattern: seed)) }
    return definition.parameter.randomSeed >= 0 ? UInt64(definition.parameter.randomSeed) : options.seed
  }

  /// What lies beside a snapshot that was written here; Caffe's own have nothing there.
  private func resumeState(of state: SolverState) throws -> ResumeState? {
    guard let path = snapshot.map(ResumeState.path(besideState:)) else { return nil }
    guard FilePlace.exists(path) else {
      log("There is no \(path): the data go on at iteration \(state.iteration), the rest begins anew.")
      return nil
    }
    let resume = try ResumeState.read(path: path)
    guard resume.iteration == state.iteration else {
      throw SolverError(
        "\(path) is of iteration \(resume.iteration ?? 0), the solver state of \(state.iteration): they are of two snapshots; "
          + "put the right one there, or take it away and the data go on where the iteration says")
    }
    return resume
  }

  /// A folder that cannot hold snapshots is better known now than after hours.
  private func checkPrefix(_ definition: SolverDefinition) throws(FileError) {
    guard definition.writesSnapshots, ranks?.isFirst ?? true else { return }
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
    // Caffe stored the path as it was given. The file has mostly moved together with the state, and where training goes on
    // there may be another of that name.
    let path = FilePlace(of: snapshot).findTogether(learned)
    guard FilePlace.exists(path) else {
      throw SolverError("\(snapshot) goes with the weights \(learned), which are neither there nor beside it; put them beside it")
    }
    log("Going on from \(snapshot) at iteration \(state.iteration), with the weights of \(path).")
    return [try WeightSet.load(path: path)]
  }

  private static func warning(ofForgetful layer: String) -> String {
    "What layer \"\(layer)\" remembers of earlier batches is not kept in snapshots, as shapes before it depend on values: a "
      + "training that goes on from one is not exactly the unbroken one."
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
