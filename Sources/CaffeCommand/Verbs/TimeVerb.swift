import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeTraining

struct TimeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "time", abstract: "Time a net, layer by layer.",
    discussion: "Example: caffe time --model deploy.prototxt --phase test --iterations 20")

  @Option(help: "The net's prototxt, a model's directory or name.") var model: String
  @Option(help: "How many iterations.") var iterations = 50
  @Option(help: "Go on for that many seconds at least, however many iterations that takes.") var seconds = 0.0
  @Option(help: "train (forward and backward) or test (forward).") var phase: PhaseArgument?
  @Option(help: "Weights; default: the fillers'.") var weights: String?
  @Option(help: "Accepted and ignored: this engine runs on the CPU.") var gpu: String?
  @Flag(help: "Print the times as JSON on stdout.") var json = false
  @OptionGroup var data: DataOptions
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: InferenceOptions

  func validate() throws {
    if iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    guard seconds.isFinite, seconds >= 0 else { throw ValidationError("--seconds must be 0 or more") }
  }

  /// What the command prints as JSON: the times, and what came before and beside them.
  private struct Report: Encodable {
    let times: Benchmark
    /// Seconds.
    let buildAndLoad: Double
    /// Bytes.
    let peakMemory: Int

    private enum CodingKeys: String, CodingKey { case buildAndLoad, peakMemory }

    func encode(to encoder: any Encoder) throws {
      try times.encode(to: encoder)
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(buildAndLoad, forKey: .buildAndLoad)
      try container.encode(peakMemory, forKey: .peakMemory)
    }
  }

  func run() throws {
    let log = CommandLog.make(source: "caffe.swift")
    Signals.install()
    let phase = phase?.phase ?? .TRAIN
    let model = try NamedModel.path(model, .deploy)
    let weights = try weights.map { try NamedModel.path($0, .weights) }
    var options = engine.netOptions(phase: phase)
    options.badData = data.policy(log)
    var workshop = NetWorkshop(
      file: model, options: options, weights: try weights.map { [try WeightSet.load(path: $0)] } ?? [])
    workshop.inputShapes = shapes.shapes
    workshop.toleratesMissingData = true
    var built: SolverNet?
    let loading = try ContinuousClock().measure {
      built = try workshop.build(net: model, phase: phase, purpose: phase == .TRAIN ? .training : .inference)
    }
    guard let net = built else { return }
    log("Built and loaded in \(milliseconds(loading.inSeconds)) ms.")
    log("*** Benchmark begins ***")
    log("Testing for \(iterations) iterations\(seconds > 0 ? " and \(NumberText.general(seconds)) seconds at least" : "").")
    let result = try Benchmark(
      net, iterations: iterations, seconds: seconds, shouldStop: { Signals.isInterrupted },
      onIteration: { log("Iteration: \($0) forward-backward time: \(milliseconds($1)) ms.") })
    report(result, log)
    let peak = ProcessMemory.peak
    log("Peak memory: \(NumberText.megabytes(peak))")
    if json { try JSONOutput.print(Report(times: result, buildAndLoad: loading.inSeconds, peakMemory: peak)) }
  }

  private func report(_ result: Benchmark, _ log: (String) -> Void) {
    log("Average time per layer: ")
    for layer in result.layers {
      log(line(layer.name, "forward: ", layer.forward) + cost(layer))
      if let backward = layer.backward { log(line(layer.name, "backward: ", backward)) }
    }
    log("Average Forward pass: \(text(result.forward))")
    if let backward = result.backward { log("Average Backward pass: \(text(backward))") }
    log("Average Forward-Backward: \(milliseconds(result.forward.mean + (result.backward?.mean ?? 0))) ms.")
    log("Total Time: \(milliseconds(result.total)) ms.")
    log("*** Benchmark ends ***")
  }

  private func line(_ name: String, _ direction: String, _ times: Benchmark.Times) -> String {
    let padding = String(repeating: " ", count: max(0, 10 - name.count))
    return "\(padding)\(name)\t\(direction)\(text(times))"
  }

  private func text(_ times: Benchmark.Times) -> String {
    "\(milliseconds(times.mean)) ms. (median \(milliseconds(times.median)), p95 \(milliseconds(times.p95)))"
  }

  private func cost(_ layer: Benchmark.Layer) -> String {
    " \(NumberText.general(Double(layer.flops) / 1e6)) MFLOP, \(NumberText.general(Double(layer.bytes) / 1e6)) MB"
  }

  private func milliseconds(_ seconds: Double) -> String { NumberText.general(seconds * 1000) }
}
