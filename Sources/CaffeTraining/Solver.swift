import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan

/// Trains a net: Caffe 1.0's solver loop with its log lines.
///
/// Same seed, same weights, whatever the number of threads.
public final class Solver {
  /// What the outside may ask for between iterations.
  public enum Action: Sendable { case none, snapshot, stop }

  /// One finished iteration.
  public struct Step: Sendable {
    /// Iterations done.
    public let iteration: Int
    public let loss: Float
    public let maximum: Int
  }

  public let definition: SolverDefinition
  public let net: SolverNet
  public private(set) var iteration = 0
  /// Takes Caffe's log lines.
  public var log: (String) -> Void = { _ in }
  /// Called after every iteration.
  public var onStep: (Step) -> Void = { _ in }
  /// Whether a loss that is no finite number ends the training, with an error that names the layer where it began.
  public var stopsOnNaN = true
  /// Asked between iterations and between the batches of a test.
  public var requestedAction: () -> Action = { .none }

  private let rate: LearningRate
  private let updater: WeightUpdater
  private var testNets: [SolverNet] = []
  private var losses: [Float] = []
  private var smoothedLoss: Float = 0
  private var isStopped = false
  private var lastDisplay: (iteration: Int, time: ContinuousClock.Instant)?
  private let clock = ContinuousClock()

  private var parameter: SolverParameter { definition.parameter }

  /// Builds the nets.
  ///
  /// - Parameter iteration: where a snapshot goes on; the data goes on from there as well.
  /// - Throws: `SolverError`, `Diagnostics` or what opening the data throws.
  public init(_ definition: SolverDefinition, workshop: any SolverWorkshop, startingAt iteration: Int = 0) throws {
    try definition.check()
    self.definition = definition
    self.iteration = iteration
    rate = try LearningRate(definition.parameter)
    let role = NetRole(state: definition.trainState, isTraining: true)
    net = try workshop.build(definition.trainNet, state: role, startingAt: iteration * definition.parameter.iterSize)
    net.session.iteration = iteration * definition.parameter.iterSize
    updater = try WeightUpdater(definition.parameter, net.session.weights)
    for test in definition.testNets {
      testNets.append(try workshop.build(test.source, state: NetRole(state: test.state, isTraining: false), startingAt: 0))
    }
  }

  /// Takes the history of a snapshot.
  ///
  /// - Throws: `SolverError` when it belongs to another net or solver type.
  public func restore(_ state: SolverState) throws { try updater.restore(state.history) }

  // MARK: The loop

  /// Trains to max_iter, or until told to stop.
  ///
  /// - Throws: `SolverError`, `RunError`, or what reading data and writing snapshots throws.
  public func solve() throws {
    let graph = net.session.plan.graph.graph
    log("Solving \(graph.name)")
    log("Learning Rate Policy: \(parameter.lrPolicy ?? "")")
    try step(max(0, (parameter.maxIter ?? 0) - iteration))
    if parameter.snapshotAfterTrain, !(parameter.snapshot > 0 && iteration % parameter.snapshot == 0) { try snapshot() }
    guard !isStopped else { return log("Optimization stopped early.") }
    if isDue(parameter.display) {
      let outputs = try forward()
      smooth(outputs.loss)
      log("Iteration \(iteration), loss = \(NumberText.general(smoothedLoss))")
    }
    if isDue(parameter.testInterval) { try testAll() }
    log("Optimization Done.")
  }

  private func isDue(_ interval: Int) -> Bool { interval > 0 && iteration % interval == 0 }

  /// Trains for a number of iterations, or until told to stop.
  ///
  /// - Throws: `RunError`, or what reading data and writing snapshots throws.
  public func step(_ count: Int) throws {
    losses = []
    smoothedLoss = 0
    let end = iteration + count
    while iteration < end, !isStopped {
      if isDue(parameter.testInterval), iteration > 0 || parameter.testInitialization { try testAll() }
      if isStopped { break }
      let outputs = try forwardBackward()
      smooth(outputs.loss)
      if isDue(parameter.display) { display(outputs) }
      update()
      iteration += 1
      onStep(Step(iteration: iteration, loss: smoothedLoss, maximum: parameter.maxIter ?? end))
      let action = requestedAction()
      if isDue(parameter.snapshot) || action == .snapshot { try snapshot() }
      if action == .stop { isStopped = true }
    }
  }

  private func forward() throws -> NetOutputs {
    try net.feed?.fill(net.session)
    try net.session.forward()
    return NetOutputs(net.session)
  }

  private func forwardBackward() throws -> NetOutputs {
    var last = NetOutputs(loss: 0, values: [])
    var sum: Float = 0
    for _ in 0..<parameter.iterSize {
      last = try forward()
      if stopsOnNaN, !last.loss.isFinite { throw try divergence(last.loss) }
      try net.session.backward()
      sum += last.loss
    }
    last.loss = sum / Float(parameter.iterSize)
    return last
  }

  private func divergence(_ loss: Float) throws -> RunError {
    let start = "iteration \(iteration): the loss is \(loss)"
    let advice = "a lower base_lr or clip_gradients may help; --no-stop-on-nan goes on all the same"
    if let parameter = net.session.weights.trained.first(where: { $0.data.contains { !$0.isFinite } })?.parameter {
      let spec = net.session.plan.graph.parameters[parameter]
      return RunError(
        "\(start); parameter \(spec.index) of layer \"\(spec.layer)\" is no longer finite, after an update that was too large; \(advice)"
      )
    }
    guard let bad = try net.session.firstBadValue() else { return RunError("\(start); \(advice)") }
    return RunError("\(start); it began where \(bad); \(advice)")
  }

  /// The mean of the last `average_loss` losses.
  private func smooth(_ loss: Float) {
    losses.append(loss)
    if losses.count > max(1, parameter.averageLoss) { losses.removeFirst() }
    smoothedLoss = losses.reduce(0, +) / Float(losses.count)
  }

  private func display(_ outputs: NetOutputs) {
    let now = clock.now
    let done = lastDisplay.map { iteration - $0.iteration } ?? 0
    let seconds = lastDisplay.map { (now - $0.time).inSeconds } ?? 0
    let speed = seconds > 0 ? Float(done) / Float(seconds) : 0
    log(
      "Iteration \(iteration) (\(NumberText.general(speed)) iter/s, \(NumberText.general(Float(seconds)))s/\(parameter.display) iters), "
        + "loss = \(NumberText.general(smoothedLoss))")
    for line in outputs.lines { log("    Train net output \(line)") }
    lastDisplay = (iteration, now)
  }

  private func update() {
    let rate = rate[iteration]
    if isDue(parameter.display) { log("Iteration \(iteration), lr = \(NumberText.general(rate))") }
    updater.update(rate: rate, iteration: iteration, pool: net.session.pool)
  }

  // MARK: Testing

  private func testAll() throws {
    for index in testNets.indices where !isStopped { try test(index) }
  }

  /// Runs a test net over its batches with the weights as they are.
  ///
  /// - Returns: the mean of every output, and of the loss.
  /// - Throws: `RunError`, or what reading data throws.
  @discardableResult
  public func test(_ index: Int) throws -> NetOutputs? {
    log("Iteration \(iteration), Testing net (#\(index))")
    let (test, iterations) = (testNets[index], definition.testNets[index].iterations)
    try test.session.weights.share(from: net.session.weights)
    var sum: NetOutputs?
    for _ in 0..<iterations {
      let action = requestedAction()
      if action == .snapshot { try snapshot() }
      if action == .stop {
        isStopped = true
        log("Test interrupted.")
        return nil
      }
      try test.feed?.fill(test.session)
      try test.session.forward()
      sum.add(NetOutputs(test.session, averagePrecision: definition.averagePrecision))
    }
    guard let mean = sum?.divided(by: Float(iterations)) else { return nil }
    if parameter.testComputeLoss { log("Test loss: \(NumberText.general(mean.loss))") }
    if parameter.showPerClassResult { mean.classLines.forEach(log) }
    for line in mean.lines { log("    Test net output \(line)") }
    return mean
  }

  // MARK: Snapshots

  /// Writes `PREFIX_iter_N.caffemodel` and `.solverstate`, each whole or not at all, the weights first.
  ///
  /// - Returns: the paths of both.
  /// - Throws: `FileError` or `HDF5Error`; earlier snapshots are untouched then.
  @discardableResult
  public func snapshot() throws -> (weights: String, state: String) {
    let stem = "\(definition.snapshotPrefix)_iter_\(iteration)"
    let isHDF5 = parameter.snapshotFormat == .HDF5
    let suffix = isHDF5 ? ".h5" : ""
    let (weightsPath, statePath) = ("\(stem).caffemodel\(suffix)", "\(stem).solverstate\(suffix)")
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
    if isHDF5 { try state.writeHDF5(path: statePath) } else { try state.write(path: statePath) }
    return (weightsPath, statePath)
  }

  /// How many steps of `step` and `multistep` lie behind.
  private var currentStep: Int {
    switch parameter.lrPolicy {
    case "step": parameter.stepsize.map { $0 > 0 ? iteration / $0 : 0 } ?? 0
    case "multistep": parameter.stepvalue.count { iteration >= $0 }
    default: 0
    }
  }
}
