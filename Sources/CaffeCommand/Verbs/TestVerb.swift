import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat
import CaffeHDF5
import CaffeTraining

struct TestVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test", abstract: "Score a net on its test data.",
    discussion: "Example: caffe test --model train_val.prototxt --weights lenet.caffemodel --iterations 100")

  @Option(help: "The net's prototxt, with its test data; a model's directory or name.") var model: String
  @Option(help: "Weights: .caffemodel or .caffemodel.h5; default: the named model's.") var weights: String?
  @Option(help: "How many batches.") var iterations = 50
  @Option(name: .customLong("ap-version"), help: "How detections are scored: 11point, MaxIntegral or Integral, as in SSD.")
  var averagePrecision = AveragePrecision.integral
  @OptionGroup var data: DataOptions
  @Option(help: "Accepted and ignored: this engine runs on the CPU.") var gpu: String?
  @Flag(help: "Print the means as JSON on stdout.") var json = false
  @Flag(help: "Run each batch in fp32 and in bf16, and say how the outputs and the first answers differ.")
  var comparePrecision = false
  @OptionGroup var engine: InferenceOptions

  func validate() throws {
    if iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    if comparePrecision, engine.usesReference {
      throw ValidationError("--compare-precision needs --engine onednn; the reference has fp32 alone")
    }
  }

  func run() throws {
    let ranks = try Job.join()
    let log = CommandLog.make(source: "caffe.swift")
    Signals.install()
    guard let weights = try NamedModel.weights(weights, for: model) else {
      throw ValidationError("--weights is missing: a prototxt alone has none")
    }
    let model = try NamedModel.path(model, .training)
    var options = engine.netOptions(phase: .TEST)
    options.badData = data.policy(log)
    if comparePrecision { options.precision = .fp32 }
    var workshop = NetWorkshop(file: model, options: options, weights: [try WeightSet.load(path: weights)])
    workshop.onCopy = { Training.describe($0).forEach(log) }
    if comparePrecision {
      guard ranks == nil else { throw ValidationError("--compare-precision runs in one process, not under mpirun") }
      return try compare(model, &workshop, log)
    }
    let net = try workshop.build(
      net: model, phase: .TEST, purpose: .inference, showsDebugInfo: true, shard: .tests(iterations, ranks))
    try net.checkInputsAreFilled()
    try ranks.map { try net.fingerprint(fingerprint).compare(over: $0) }
    var scoring = Scoring(net: net, ranks: ranks)
    scoring.averagePrecision = averagePrecision
    scoring.debugLog = log
    let mean = try scoring.run(
      iterations: iterations, beforeRound: { try !RankAgreement(ranks).agreed(on: Signals.isInterrupted) },
      onBatch: { batch, outputs in
        for value in outputs.values { log("Batch \(batch), \(value.blob) = \(NumberText.general(value.value))") }
      })
    guard let mean else { throw ExitCode(130) }
    try workshop.outputs.finish()
    if ranks?.isFirst ?? true { try report(mean, log) }
  }

  private var fingerprint: JobFingerprint {
    Job.fingerprint([
      "option": engine.fingerprint, "number of batches": "\(iterations)", "ap-version": averagePrecision.rawValue,
      "way with bad data": data.onBadData.rawValue,
    ])
  }

  private func report(_ mean: NetOutputs, _ log: (String) -> Void) throws {
    mean.classLines.forEach(log)
    log("Loss: \(NumberText.general(mean.loss))")
    for line in mean.lines { log(line.drop { $0 != " " }.dropFirst().description) }
    if json { try JSONOutput.print(mean) }
  }
}

extension AveragePrecision: ExpressibleByArgument {}
