import ArgumentParser
import Caffe
import CaffeCore
import CaffeTraining

struct TrainVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train a net.",
    discussion: """
      Takes Caffe's flags and writes Caffe's log lines and snapshots. Ctrl-C stops with a snapshot; a second Ctrl-C stops at once.

      Example: caffe train --solver examples/mnist/lenet_solver.prototxt
      """)

  @Option(help: "The solver's prototxt, a model's directory or name.") var solver: String
  @Option(help: "Weights to start from, separated by commas.") var weights = ""
  @Option(help: "A .solverstate to go on from; excludes --weights.") var snapshot: String?
  @Option(help: "Seed where the solver has no random_seed.") var seed: UInt64 = 1
  @Option(help: "A file that gets the log as well; one that ends in .jsonl gets a line of JSON for each event. May be repeated.")
  var log: [String] = []
  @Option(help: "A folder that gets event files for TensorBoard.") var tensorboard: String?
  @Option(help: "What a snapshot that cannot be written does to the training: stop or continue. The last one always stops it.")
  var onSnapshotError = SnapshotErrorEffect.stop
  @Option(name: .customLong("sigint_effect"), help: "What Ctrl-C does: stop, snapshot or none.") var sigintEffect = SignalEffect
    .stop
  @Option(name: .customLong("sighup_effect"), help: "What SIGHUP does: stop, snapshot or none.") var sighupEffect = SignalEffect
    .snapshot
  @Flag(inversion: .prefixedNo, help: "End when the loss is no number, and say where that began.") var stopOnNan = true
  @Flag(help: "On several ranks: take BatchNorm's statistics over the batches of all, not of each.") var syncBatchNorm = false
  @OptionGroup var data: DataOptions
  @Option(help: "Accepted and ignored: this engine runs on the CPU.") var gpu: String?
  @OptionGroup var engine: EngineOptions

  func validate() throws {
    if snapshot != nil, !weights.isEmpty {
      throw ValidationError("give --snapshot or --weights, not both: a snapshot has its own weights")
    }
  }

  func run() throws {
    let ranks = try Job.join()
    let isFirst = ranks?.isFirst ?? true
    let progress = ProgressLine()
    // Of several ranks the first one writes for all.
    let files = isFirst ? log : []
    let (records, texts) = (files.filter { $0.hasSuffix(".jsonl") }, files.filter { !$0.hasSuffix(".jsonl") })
    let log = CommandLog.make(
      source: "solver.swift", progress: progress, files: try texts.map { try AppendingFile(path: $0) })
    let record = try EventRecord(lines: records, tensorBoard: isFirst ? tensorboard : nil, complain: log)
    Signals.install()
    if gpu != nil { log("--gpu is ignored: this engine runs on the CPU.") }
    let outputs = OutputFiles()
    let solver = try prepare(log, outputs, record, ranks)
    if let snapshot { record.add(.resumed(from: snapshot, iteration: solver.iteration)) }
    solver.stopsOnNaN = stopOnNan
    solver.stopsOnSnapshotError = onSnapshotError == .stop
    solver.onEvent = record.add
    observe(solver, progress)
    defer { progress.clear() }
    try solver.solve()
    try outputs.finish()
    if let feed = solver.net.feed { log("Waited \(NumberText.fixed(feed.secondsWaited, digits: 1)) s for data.") }
    if let exchange = solver.exchangeRecord { log(exchange.line) }
    if let statistics = solver.statisticsRecord { log(statistics.line) }
  }

  private func observe(_ solver: Solver, _ progress: ProgressLine) {
    Job.remember(snapshot: snapshot)
    var pace = Pace()
    solver.onStep = { [unowned solver] step in
      progress.draw(pace.line(step))
      Job.remember(snapshot: solver.lastSnapshotState)
    }
    solver.requestedAction = { [sigintEffect, sighupEffect] in
      Signals.action(sigint: sigintEffect.action, sighup: sighupEffect.action)
    }
  }

  private func prepare(
    _ log: @escaping @Sendable (String) -> Void, _ outputs: OutputFiles, _ record: EventRecord, _ ranks: (any Communicator)?
  ) throws -> Solver {
    var options = engine.netOptions(phase: .TRAIN)
    options.seed = seed
    options.badData = data.policy(log)
    options.badData.onSkip = { record.add(.skipped($0)) }
    var training = Training(solver: try NamedModel.path(solver, .solver), options: options)
    training.weights = try weights.split(separator: ",").map { try NamedModel.path(String($0), .weights) }
    training.snapshot = snapshot
    training.outputs = outputs
    training.log = log
    training.ranks = ranks
    training.syncBatchNorm = syncBatchNorm
    training.fingerprint = Job.fingerprint([
      "option": engine.fingerprint, "way with bad data": data.onBadData.rawValue,
      "effect of snapshot errors": "\(onSnapshotError)",
      "way with losses that are no number": stopOnNan ? "stop" : "go on",
    ])
    if let ranks {
      log("Training on \(ranks.size) ranks, the first on \(Job.host): an iteration has \(ranks.size) times the net's batch.")
    } else if syncBatchNorm {
      log("--sync-batch-norm changes nothing: this process trains alone.")
    }
    let solver = try training.prepare()
    for net in [solver.net] + solver.testNets { try net.checkInputsAreFilled() }
    return solver
  }
}

/// What a signal does to a training.
enum SignalEffect: String, ExpressibleByArgument, CaseIterable {
  case stop, snapshot, none

  var action: Solver.Action {
    switch self {
    case .stop: .stop
    case .snapshot: .snapshot
    case .none: .none
    }
  }
}

/// What a failed snapshot does to a training.
enum SnapshotErrorEffect: String, ExpressibleByArgument, CaseIterable { case stop, `continue` }

/// How fast a training goes and how long it will take.
private struct Pace {
  private var start: (iteration: Int, time: ContinuousClock.Instant)?

  mutating func line(_ step: Solver.Step) -> String {
    let now = ContinuousClock.now
    let begin = start ?? (step.iteration - 1, now)
    start = begin
    let seconds = (now - begin.time).inSeconds
    let speed = seconds > 0 ? Double(step.iteration - begin.iteration) / seconds : 0
    let left = speed > 0 ? Pace.time(Double(step.maximum - step.iteration) / speed) : "?"
    return "iteration \(step.iteration)/\(step.maximum)  loss \(NumberText.general(step.loss))  "
      + "\(NumberText.fixed(speed, digits: 1)) it/s  \(left) left"
  }

  private static func time(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded())
    let (hours, minutes) = (whole / 3600, whole / 60 % 60)
    return hours > 0 ? "\(hours)h \(minutes)m" : minutes > 0 ? "\(minutes)m \(whole % 60)s" : "\(whole)s"
  }
}
