import ArgumentParser
import Caffe
import CaffeCore
import CaffeFormat

struct SummaryVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "summary", abstract: "Layers, shapes, parameters, operations and memory of a net.",
    discussion: "Example: caffe summary models/bvlc_googlenet/deploy.prototxt")

  @Argument(help: "The net's prototxt, a model's directory or name.") var net: String
  @Option(help: "train or test.") var phase: PhaseArgument?
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var shapes: ShapeOptions
  @OptionGroup var engine: InferenceOptions

  func run() throws {
    let options = engine.netOptions(phase: phase?.phase ?? .TEST)
    let inspection = try NetInspection(path: try NamedModel.path(net, .deploy), options: options, inputShapes: shapes.shapes)
    let summary = try NetSummary(inspection)
    for note in summary.notes { Console.note(note) }
    if json { try JSONOutput.print(summary) } else { print(text(summary)) }
  }

  private func text(_ summary: NetSummary) -> String {
    let header = ["layer", "type", "tops", "parameters", "MFLOP"]
    let rows = summary.layers.map { layer in
      [
        layer.name, layer.type,
        layer.tops.map { name in "\(name) \((summary.blobs[name] ?? nil).map { "\(Shape($0))" } ?? "unknown")" }
          .joined(separator: ", "),
        layer.parameters.map { $0 == 0 ? "" : String($0) } ?? "unknown",
        layer.flops.map { $0 == 0 ? "" : NumberText.general(Double($0) / 1e6) } ?? "unknown",
      ]
    }
    let known = summary.layers.contains { $0.parameters == nil } ? " in the layers whose shapes are known" : ""
    let weights = summary.weightBytes.map { " (\(NumberText.megabytes($0)) as kernels read them)" } ?? ""
    let activations = summary.activationBytes.map { ", \(NumberText.megabytes($0)) of activations" } ?? known
    let total =
      "\(summary.name) (\(summary.phase)): \(summary.parameters) parameters\(weights), "
      + "\(NumberText.general(Double(summary.flops) / 1e9)) GFLOP a pass\(activations)"
    let memory = summary.memory.map { "\n" + text($0) } ?? ""
    return TextTable.format([header] + rows) + "\n\n" + total + memory
  }

  private func text(_ memory: MemoryForecast) -> String {
    let parts = [
      ("the program with its libraries and kernels", memory.program), ("weights", memory.weights),
      ("their gradients", memory.gradients), ("the solver's history (momentum)", memory.history),
      ("activations and scratch", memory.activations), ("more while weights are loaded", memory.loading),
    ]
    let list = parts.filter { $0.1 > 0 }.map { "\(NumberText.megabytes($0.1)) for \($0.0)" }.joined(separator: ", ")
    let text = "A process that runs it holds about \(NumberText.megabytes(memory.peak)) at most: \(list)"
    guard memory.history > 0 else { return text }
    return text
      + "\n\(NumberText.megabytes(memory.keptGradients - memory.gradients)) more for a solver that needs all gradients at once (with "
      + "clip_gradients, iter_size, debug_info or other ranks), \(NumberText.megabytes(memory.history)) more for Adam, AdamW or AdaDelta"
  }
}

/// Columns of text.
enum TextTable {
  static func format(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ").trimmedEnd
    }.joined(separator: "\n")
  }
}

extension String {
  fileprivate var trimmedEnd: String {
    var text = self[...]
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
