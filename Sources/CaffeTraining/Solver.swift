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
  /// Whether a snapshot that cannot be written, for want of room, ends the training; the last one of a training always does.
  public var stopsOnSnapshotError = true
  /// Told what the log lines say, for records that programs read.
  public var onEvent: (TrainingEvent) -> Void = { _ in }
  /// Asked between iterations and between the batches of a test.
  public var requestedAction: () -> Action = { .none }

  private let rate: LearningRate
  let updater: WeightUpdater
  /// The other processes of the job; nil for one alone.
  public let ranks: (any Communicator)?
  /// Whether `update` runs the backward pass and takes each gradient as it is finished.
  private let updatesInBackward: Bool
  private let exchange: GradientExchange?
  private let statistics: StatisticsExchange?
  public private(set) var testNets: [SolverNet] = []
  /// The last losses, up to average_loss of them.
  private(set) var losses: [Float] = []
  /// Losses of a run before this one, which the first mean begins with.
  private var earlierLosses: [Float] = []
  private var smoothedLoss: Float = 0
  private(set) var plateau: ResumeState.Plateau?
  var isStopped = false
  /// Where the test nets stood before tests that are not over: a run that goes on makes them again, from their beginning.
  var statesBeforeTests: [ResumeState.Net]?
  /// The iteration of the newest snapshot, which needs no second one.
  var lastSnapshot: Int?
  /// The solver state of the newest snapshot that this run has written.
  public internal(set) var lastSnapshotState: String?
  private var lastDisplay: (iteration: Int, time: ContinuousClock.Instant)?
  private let clock = ContinuousClock()

  var parameter: SolverParameter { definition.parameter }

  /// Builds the nets.
  ///
  /// - Parameters:
  ///   - iteration: where a snapshot goes on; without `resume`, the data of the training go on from there as well.
  ///   - resume: where everything else of the run before stood.
  ///   - ranks: the processes that train together, each with its share of the data; call `join` before the training begins.
  ///   - syncBatchNorm: whether BatchNorm layers of the net that trains go by the batches of all ranks, not of their own.
  /// - Throws: `SolverError`, `RunError`, `Diagnostics` or what opening the data throws.
  public init(
    _ definition: SolverDefinition, workshop: any SolverWorkshop, startingAt iteration: Int = 0, resume: ResumeState? = nil,
    ranks: (any Communicator)? = nil, syncBatchNorm: Bool = false
  ) throws {
    try definition.check()
    self.definition = definition
    self.iteration = iteration
    self.ranks = ranks
    if iteration > 0 { lastSnapshot = iteration }
    rate = try LearningRate(definition.parameter)
    earlierLosses = resume?.losses ?? []
    plateau = definition.parameter.lrPolicy == "plateau" ? resume?.plateau ?? ResumeState.Plateau() : nil
    let nets = resume?.nets ?? []
    let isPlain = definition.parameter.debugInfo
    let takesGradientsEarly = ranks == nil && definition.parameter.looksAtOneGradientAtATime
    let role = NetRole(
      state: definition.trainState, isTraining: true, isPlain: isPlain, takesGradientsEarly: takesGradientsEarly)
    let start = DataStart(nets.first, passes: iteration * definition.parameter.iterSize, shard: .training(ranks))
    net = try workshop.build(definition.trainNet, state: role, startingAt: start)
    updatesInBackward = takesGradientsEarly && net.session.plan.sharesGradientMemory
    try net.resume(nets.first, at: start)
    if let ranks { net.session.seed = Solver.layerSeed(net.session.seed, rank: ranks.rank) }
    updater = try WeightUpdater(definition.parameter, net.session.weights)
    exchange = ranks.map { [net] in GradientExchange(net.session, $0) }
    statistics = syncBatchNorm ? ranks.map(StatisticsExchange.init) : nil
    net.session.batchSum = statistics?.batchSum
    for (index, test) in definition.testNets.enumerated() {
      let before = nets.count > index + 1 ? nets[index + 1] : nil
      let start = DataStart(before, passes: 0, shard: .tests(test.iterations, ranks))
      let built = try workshop.build(
        test.source, state: NetRole(state: test.state, isTraining: false, isPlain: isPlain), startingAt: start)
      try built.resume(before, at: start)
      testNets.append(built)
    }
  }

  /// Takes the history of a snapshot.
  ///
  /// - Throws: `SolverError` when it belongs to another net or solver type.
  public func restore(_ state: SolverState) throws {
    try updater.restore(state.history)
    // Where no resume file tells how long the wait has been, the steps at least are known.
    guard plateau != nil, plateau?.smallestLoss == nil else { return }
    plateau?.steps = state.currentStep
    plateau?.lastEvent = state.iteration
  }

  // MARK: The loop

  /// Trains to max_iter, or until told to stop.
  ///
  /// - Throws: `SolverError`, `RunError`, or what reading data and writing snapshots throws.
  public func solve() throws {
    let graph = net.session.plan.graph.graph
    log("Solving \(graph.name)")
    log("Learning Rate Policy: \(parameter.lrPolicy ?? "")")
    try step(max(0, (parameter.maxIter ?? 0) - iteration))
    if parameter.snapshotAfterTrain, lastSnapshot != iteration { try snapshot() }
    guard !isStopped else { return end("Optimization stopped early.") }
    if isDue(parameter.display) {
      let outputs = try agreement(on: try forward())?.result().outputs ?? NetOutputs(net.session)
      smooth(outputs.loss)
      log("Iteration \(iteration), loss = \(NumberText.general(smoothedLoss))")
      onEvent(TrainingEvent(.train, iteration: iteration, loss: smoothedLoss))
    }
    if isDue(parameter.testInterval) { try testAll() }
    end("Optimization Done.")
  }

  private func end(_ words: String) {
    log(words)
    onEvent(TrainingEvent(.end, iteration: iteration, loss: losses.isEmpty ? nil : smoothedLoss))
  }

  func isDue(_ interval: Int) -> Bool { interval > 0 && iteration % interval == 0 }

  /// Trains for a number of iterations, or until told to stop. Where it throws in the middle of one, some weights may have made that
  /// step and others not.
  ///
  /// - Throws: `RunError`, or what reading data and writing snapshots throws.
  public func step(_ count: Int) throws {
    (losses, earlierLosses) = (earlierLosses, [])
    smoothedLoss = 0
    let end = iteration + count
    while iteration < end, !isStopped {
      if isDue(parameter.testInterval), iteration > 0 || parameter.testInitialization { try testAll() }
      if isStopped { break }
      let (outputs, agreed) = try updatesInBackward ? (forwardOnce(), nil) : forwardBackward()
      smooth(outputs.loss)
      if isDue(parameter.display) { display(outputs) }
      try update()
      iteration += 1
      onStep(Step(iteration: iteration, loss: smoothedLoss, maximum: parameter.maxIter ?? end))
      let action = agreed ?? requestedAction()
      if isDue(parameter.snapshot) || action == .snapshot { try keepSnapshot() }
      if action == .stop { isStopped = true }
    }
  }

  /// What tells of a net's blobs as it runs, when `debug_info` asks for it.
  func debugInfo(of net: SolverNet) -> DebugInfo? {
    parameter.debugInfo ? DebugInfo(session: net.session, log: log) : nil
  }

  private func forward() throws -> NetOutputs {
    try net.feed?.fill(net.session)
    try debugInfo(of: net)?.forward() ?? net.session.forward()
    return NetOutputs(net.session)
  }

  /// - Throws: `RunError` for a loss that is no finite number, where that ends the training.
  private func forwardOnce() throws -> NetOutputs {
    let outputs = try forward()
    if stopsOnNaN, !outputs.loss.isFinite { throw try divergence(outputs.loss) }
    return outputs
  }

  /// - Returns: the outputs, and among several ranks what one of them was asked for.
  private func forwardBackward() throws -> (outputs: NetOutputs, agreed: Action?) {
    var last = NetOutputs(loss: 0, values: [])
    var sum: Float = 0
    for pass in 0..<parameter.iterSize {
      last = try forwardOnce()
      sum += last.loss
      if let exchange, pass == parameter.iterSize - 1 {
        last.loss = sum / Float(parameter.iterSize)
        return try exchangeBackward(exchange, last)
      }
      try debugInfo(of: net)?.backward() ?? net.session.backward()
    }
    last.loss = sum / Float(parameter.iterSize)
    return (last, nil)
  }

  private func exchangeBackward(_ exchange: GradientExchange, _ outputs: NetOutputs) throws -> (NetOutputs, Action?) {
    let agreement = try agreement(on: outputs)
    if let info = debugInfo(of: net) { try info.backward(exchange.backward) } else { try exchange.backward() }
    let agreed = try agreement?.result()
    return (agreed?.outputs ?? outputs, agreed?.action)
  }

  private func agreement(on outputs: NetOutputs) throws -> StepAgreement? {
    try ranks.map { try StepAgreement(outputs, requestedAction(), $0) }
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
    losses.removeFirst(max(0, losses.count - max(1, parameter.averageLoss)))
    smoothedLoss = losses.reduce(0, +) / Float(losses.count)
    plateau?.see(smoothedLoss, at: iteration, waits: parameter.plateauWinsize)
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
    onEvent(
      TrainingEvent(
        .train, iteration: iteration, loss: smoothedLoss, rate: currentRate, outputs: outputs.values,
        secondsWaited: net.feed?.secondsWaited))
  }

  private var currentRate: Float { rate[iteration, steps: plateau?.steps ?? 0] }

  private func update() throws {
    let rate = currentRate
    if isDue(parameter.display) { log("Iteration \(iteration), lr = \(NumberText.general(rate))") }
    if updatesInBackward {
      return try net.session.backward { finished in
        updater.update(finished, rate: rate, iteration: iteration, pool: net.session.pool)
      }
    }
    // Both look at all gradients at once.
    if parameter.debugInfo || parameter.clipGradients >= 0 { try exchange?.waitForAll() }
    debugInfo(of: net)?.update()
    try updater.update(rate: rate, iteration: iteration, pool: net.session.pool) { try exchange?.wait(for: $0) }
  }

  /// How the exchange of gradients went; nil for one process.
  public var exchangeRecord: ExchangeRecord? { exchange?.record }

  /// What BatchNorm over the batches of all ranks has cost; nil where each rank goes by its own.
  public var statisticsRecord: StatisticsRecord? { statistics?.record }
}

extension SolverParameter {
  /// Whether an update needs no more than the gradient of one weight at a time, of one pass.
  fileprivate var looksAtOneGradientAtATime: Bool { iterSize == 1 && clipGradients < 0 && !debugInfo }
}
