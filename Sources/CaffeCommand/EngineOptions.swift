import ArgumentParser
import Caffe
import CaffeFormat
import CaffePlan

/// The flags of every verb that runs a net.
struct EngineOptions: ParsableArguments {
  @OptionGroup var pool: ThreadOptions

  @Option(help: "Kernels to use: onednn or reference.")
  var engine: NetOptions.Engine = .oneDNN

  @Option(
    name: .customLong("without-pass"),
    help: "Switch a planner pass off (may be repeated): \(Passes.names.joined(separator: ", ")).")
  var withoutPass: [String] = []

  @Option(
    help: ArgumentHelp(
      """
      Memory that weights, their gradients and activations may take, as 300MB or 2GB; the program itself and a solver's history come \
      on top. What trades memory for speed (Winograd's filters) is left out where it does not fit. Default: no bound.
      """, valueName: "size"
    ))
  var memory: MemoryArgument?

  @Option(help: "The net's level, for include rules.")
  var level = 0

  @Option(help: "The net's stages, for include rules, separated by commas.")
  var stage = ""

  @Option(
    help:
      "Whose Caffe the file was written for, where forks disagree: \(Dialect.allCases.map(\.rawValue).joined(separator: ", ")).")
  var dialect = Dialect.any

  @Flag(help: "Pass over fields and layers that are not known, with a warning.")
  var allowUnknown = false

  /// The options for a net of that phase.
  func netOptions(phase: Phase) -> NetOptions {
    var options = NetOptions()
    options.engine = engine
    options.threads = pool.count
    options.withoutPasses = Set(withoutPass)
    options.memoryLimit = memory?.bytes
    options.registry = options.registry.reading(dialect)
    if allowUnknown { options.registry = options.registry.allowingUnknown() }
    options.state = NetState(phase: phase, level: level, stages: stage.split(separator: ",").map(String.init))
    return options
  }
}

extension EngineOptions {
  /// What of them all ranks of a job must have alike: the number of threads may differ.
  var fingerprint: String {
    "--engine \(engine.rawValue) --without-pass \(withoutPass.sorted()) --level \(level) --stage \(stage) "
      + "--dialect \(dialect.rawValue) --allow-unknown \(allowUnknown)"
  }
}

extension NetOptions.Engine: ExpressibleByArgument {}
extension Dialect: ExpressibleByArgument {}

/// A size of memory: a number with MB or GB, in powers of ten.
struct MemoryArgument: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    for (unit, size) in [("MB", 1e6), ("GB", 1e9)] where argument.uppercased().hasSuffix(unit) {
      guard let number = Double(argument.dropLast(unit.count)), number > 0, number * size < 1e15 else { return nil }
      bytes = Int(number * size)
      return
    }
    return nil
  }
}

/// A phase on the command line, in any case.
struct PhaseArgument: ExpressibleByArgument {
  let phase: Phase
  init(phase: Phase) { self.phase = phase }
  init?(argument: String) {
    switch argument.lowercased() {
    case "train": phase = .TRAIN
    case "test": phase = .TEST
    default: return nil
    }
  }
  static var allValueStrings: [String] { ["train", "test"] }
}
