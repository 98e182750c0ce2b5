import ArgumentParser
import Caffe
import CaffeFormat
import CaffePlan

/// The flags of every verb that runs a net forward: the engine's, and the precision.
struct InferenceOptions: ParsableArguments {
  @OptionGroup var engine: EngineOptions

  @Option(
    help: ArgumentHelp(
      """
      What inner products and convolutions compute with: fp32, or bf16, for which weights of inner products take half the memory \
      and time; each number has 8 bits then instead of 24, sums stay fp32. Convolutions stay in fp32 where the CPU is no faster \
      with bf16.
      """))
  var precision = Precision.fp32

  var usesReference: Bool { engine.engine == .reference }

  func validate() throws {
    if precision == .bf16, usesReference {
      throw ValidationError("--precision bf16 is computed by --engine onednn; the reference has fp32 alone")
    }
  }

  /// The options for a net of that phase; says what this CPU does not do in the precision that is asked for.
  func netOptions(phase: Phase) -> NetOptions {
    var options = engine.netOptions(phase: phase)
    options.precision = precision
    options.precisionNote.map(Console.note)
    return options
  }

  /// What of them all ranks of a job must have alike.
  var fingerprint: String { "\(engine.fingerprint) --precision \(precision.rawValue)" }
}

extension Precision: ExpressibleByArgument {}
