import ArgumentParser
import Caffe
import CaffeCore
import CaffeData
import CaffeVision

struct ReportVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Draw a training's curves, and pictures with what the net says of them.",
    discussion: """
      Writes report.html, curves.svg and, with pictures, samples.svg. A picture named NAME_LABEL_NUMBER.png counts as being of \
      class LABEL.

      Example: caffe report --log train.log --model deploy.prototxt --weights lenet.caffemodel --out . samples/digit_*.png
      """)

  @Argument(help: "Pictures to show with predictions.") var images: [String] = []
  @Option(help: "A training's log.") var log: String
  @Option(help: "The net that classifies the pictures: a model's directory or a deploy prototxt.") var model: String?
  @Option(help: "Its weights.") var weights: String?
  @Option(help: "What pixels are multiplied by.") var scale: Float?
  @Option(help: "The folder to write to.") var out = "."
  @Option(help: "The report's title.") var title = "Training report"

  func validate() throws {
    if !images.isEmpty, model == nil { throw ValidationError("pictures need a --model that classifies them") }
  }

  func run() throws {
    let files = try (["curves.svg", "report.html"] + (images.isEmpty ? [] : ["samples.svg"])).map {
      try VerbOutput("\(out)/\($0)", reading: [log])
    }
    let runs = try TrainingLog.runs(contentsOf: log)
    let curves = CurveChart(runs: runs.enumerated().map { ("run \($0 + 1)", $1) })
    let samples = try grid()
    try AtomicFile.write(Array(curves.svg.utf8), to: "\(out)/curves.svg")
    if let samples { try AtomicFile.write(Array(try samples.svg().utf8), to: "\(out)/samples.svg") }
    try Report(title: title, summary: summary(runs.last ?? TrainingLog(), samples), curves: curves, samples: samples).write(
      to: "\(out)/report.html")
    for file in files { file.note() }
  }

  private func grid() throws -> SampleGrid? {
    guard let model, !images.isEmpty else { return nil }
    let classifier = try Classifier(model, weights: weights, scale: scale)
    let samples = try images.map { path in
      let image = try ImageDecoder.decode(contentsOf: path, as: .asStored)
      let best = try classifier.classify(path, top: 1).first
      return SampleGrid.Sample(
        image: image, truth: truth(path), prediction: best?.label ?? "", confidence: best.map { Double($0.score) })
    }
    return SampleGrid(samples: samples)
  }

  /// `samples/digit_7_3.png` is a 7.
  private func truth(_ path: String) -> String? {
    let parts = (path.split(separator: "/").last ?? "").split(separator: "_")
    return parts.count >= 3 ? String(parts[parts.count - 2]) : nil
  }

  private func summary(_ log: TrainingLog, _ samples: SampleGrid?) -> [Report.Row] {
    var rows: [Report.Row] = []
    if let last = log.loss.last { rows.append(.init("Iterations", String(last.iteration))) }
    if let last = log.loss.last { rows.append(.init("Last training loss", NumberText.general(last.value))) }
    for (name, points) in log.testOutputs.sorted(by: { $0.key < $1.key }) {
      if let last = points.last { rows.append(.init("Test \(name)", NumberText.general(last.value))) }
    }
    if let samples {
      rows.append(.init("Pictures shown", "\(samples.samples.count), \(samples.samples.count { $0.isWrong }) wrong"))
    }
    return rows
  }
}
