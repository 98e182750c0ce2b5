import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffePlan

extension Solver {
  /// Writes `PREFIX_iter_N.caffemodel`, `.resume` and `.solverstate`, each whole or not at all, the last one last: where it is, the
  /// others are. Of several ranks rank 0 writes, and all must call it.
  ///
  /// - Returns: the paths of weights and solver state.
  /// - Throws: `FileError` or `HDF5Error`, on all ranks; earlier snapshots are untouched then.
  @discardableResult
  public func snapshot() throws -> (weights: String, state: String) {
    let stem = "\(definition.snapshotPrefix)_iter_\(iteration)"
    let isHDF5 = parameter.snapshotFormat == .HDF5
    let suffix = isHDF5 ? ".h5" : ""
    let (weightsPath, statePath) = ("\(stem).caffemodel\(suffix)", "\(stem).solverstate\(suffix)")
    let resume = try commonState()
    try RankAgreement(ranks).agreeing { try write(weightsPath, statePath, resume, isHDF5: isHDF5) }
    lastSnapshot = iteration
    lastSnapshotState = statePath
    if ranks?.isFirst ?? true {
      onEvent(TrainingEvent(.snapshot, iteration: iteration, weights: weightsPath, state: statePath))
    }
    return (weightsPath, statePath)
  }

  private func write(_ weightsPath: String, _ statePath: String, _ resume: ResumeState, isHDF5: Bool) throws {
    let kind = isHDF5 ? "HDF5" : "binary proto"
    log("Snapshotting to \(kind) file \(weightsPath)")
    let weights = try net.session.weights.weightSet(withDiffs: parameter.snapshotDiff)
    let state = SolverState(
      iteration: iteration, learnedNet: weightsPath, history: try updater.historyBlobs(), currentStep: currentStep)
    if isHDF5 {
      try weights.writeHDF5(path: weightsPath)
    } else {
      try weights.write(path: weightsPath, definition: net.session.plan.graph.graph.message)
    }
    log("Snapshotting solver state to \(kind) file \(statePath)")
    try resume.write(path: ResumeState.path(besideState: statePath))
    if isHDF5 { try state.writeHDF5(path: statePath) } else { try state.write(path: statePath) }
  }

  /// A snapshot on the way: one that fails is told, and ends the training only where it is meant to.
  func keepSnapshot() throws {
    do {
      try snapshot()
    } catch  where !stopsOnSnapshotError {
      log("This snapshot failed, and the training goes on: \(error)")
    }
  }

  /// What `resumeState` says, with the farthest position that any rank has in each source: where bad items are skipped, some ranks
  /// are ahead of others.
  private func commonState() throws -> ResumeState {
    var state = resumeState
    guard let ranks else { return state }
    let positions = try ranks.maximum(state.nets.flatMap { $0.sources.map(\.position) })
    var next = positions.makeIterator()
    for net in state.nets.indices {
      for source in state.nets[net].sources.indices {
        state.nets[net].sources[source].position = next.next() ?? state.nets[net].sources[source].position
      }
    }
    return state
  }

  private var resumeState: ResumeState {
    var state = ResumeState()
    state.iteration = iteration
    state.seed = Int(bitPattern: UInt(net.session.seed))
    state.losses = losses
    state.plateau = plateau
    state.nets = [net.resumeState] + (statesBeforeTests ?? testNets.map(\.resumeState))
    return state
  }

  /// How many steps of `step` and `multistep` lie behind.
  private var currentStep: Int {
    switch parameter.lrPolicy {
    case "step": parameter.stepsize.map { $0 > 0 ? iteration / $0 : 0 } ?? 0
    case "multistep": parameter.stepvalue.count { iteration >= $0 }
    case "plateau": plateau?.steps ?? 0
    default: 0
    }
  }
}
