import ArgumentParser
import CaffeCore
import CaffeVision

struct PlotVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plot", abstract: "Draw the curves of trainings from their logs.",
    discussion: """
      Reads logs in Caffe's grammar, Caffe's own among them, and logs for machines with a JSON object in each line. Several logs are \
      drawn into one picture, and so are the trainings that wrote to one log one after the other. PNG needs librsvg's program rsvg-convert.

      Example: caffe plot run.log -o curves.svg
      """)

  @Argument(help: "Logs of trainings.") var logs: [String]
  @Option(name: [.short, .customLong("output")], help: "The picture to write: .svg or .png.") var output: String
  @Option(help: "What to draw, separated by commas: loss, test, train; or rate alone.") var curves = "loss,test"

  func validate() throws {
    guard output.hasSuffix(".svg") || output.hasSuffix(".png") else {
      throw ValidationError("-o \(output): the name must end in .svg or .png")
    }
    let chosen = try chosen()
    if chosen.isEmpty || (chosen.contains(.rate) && chosen.count > 1) {
      throw ValidationError("--curves \(curves): rate is drawn alone, on a scale of its own")
    }
  }

  func run() throws {
    let file = try VerbOutput(output, reading: logs)
    let runs = try logs.flatMap(runs)
    let svg = CurveChart(runs: runs, curves: try chosen()).svg
    try AtomicFile.write(output.hasSuffix(".png") ? SVGRasterizer().png(of: svg) : Array(svg.utf8), to: file.path)
    file.note()
  }

  /// The trainings of a log, numbered where it has several.
  private func runs(_ path: String) throws -> [(name: String, log: TrainingLog)] {
    let runs = try TrainingLog.runs(contentsOf: path)
    guard runs != [TrainingLog()] else { throw PlotError(path: path) }
    return runs.enumerated().map { (runs.count > 1 ? "\(name(of: path)) (\($0 + 1))" : name(of: path), $1) }
  }

  private func chosen() throws -> [CurveChart.Curve] {
    try curves.split(separator: ",").map { word in
      guard let curve = CurveChart.Curve(rawValue: String(word)) else {
        throw ValidationError("--curves \(word): there are \(CurveChart.Curve.allCases.map(\.rawValue).joined(separator: ", "))")
      }
      return curve
    }
  }

  /// `runs/a.log` is `a`, unless two logs would have one name.
  private func name(of path: String) -> String {
    let name = { (path: String) in (path.split(separator: "/").last ?? "").split(separator: ".").first.map(String.init) ?? path }
    return logs.count { name($0) == name(path) } > 1 ? path : name(path)
  }
}

/// A log that has nothing to draw.
private struct PlotError: Error, CustomStringConvertible {
  let path: String

  var description: String { "\(path): no line of it is one of a training's log" }
}
