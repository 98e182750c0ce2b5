import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat

struct DataSpeedVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed", abstract: "Measure how fast a net's data layers give batches; nothing is computed.",
    discussion: "Example: caffe data speed --model train_val.prototxt --phase train")

  @Option(help: "The net's prototxt, a model's directory or name.") var model: String
  @Option(help: "Which phase's data layers: train or test.") var phase = PhaseArgument(phase: .TRAIN)
  @Option(help: "For how long each layer is measured.") var seconds = 5.0
  @Flag(help: "Print the figures as JSON on stdout.") var json = false
  @OptionGroup var data: DataOptions
  @OptionGroup var engine: EngineOptions

  func validate() throws {
    guard seconds > 0, seconds.isFinite else { throw ValidationError("--seconds must be more than 0") }
  }

  func run() throws {
    Signals.install()
    var options = engine.netOptions(phase: phase.phase)
    options.badData = data.policy { Console.note("caffe: \($0)") }
    let speeds = try DataSpeed.measure(
      net: try NamedModel.path(model, .training), options: options, seconds: seconds, shouldStop: { Signals.isInterrupted })
    if json { return try JSONOutput.print(speeds) }
    for speed in speeds {
      print("\(speed.layer): \(NumberText.fixed(speed.itemsPerSecond, digits: 1)) items a second, batches of \(speed.batchSize)")
    }
  }
}
