import ArgumentParser
import Caffe
import CaffeCore
import Foundation

struct EvaluateDetectionsVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate-detections",
    abstract: "Tell how well objects were found: average precision by the rules of VOC and COCO.",
    discussion: """
      The truth is a CSV file with the columns filename, class, ymin, xmin, ymax, xmax (rows and columns of pixels from 0, maxima \
      outside) and, for objects that do not count, difficult (0 or 1). The detections are what `caffe detect --json` printed.

      Example: caffe evaluate-detections truth.csv found.json
      """)

  @Argument(help: "What there is to find.") var truth: String
  @Argument(help: "What was found; several files count as one.") var detections: [String]
  @Option(help: "The overlap (intersection over union) from which an object counts as found, for VOC's rules.") var overlap:
    Float = 0.5
  @Flag(help: "Print JSON.") var json = false

  func validate() throws {
    guard overlap > 0, overlap <= 1 else { throw ValidationError("--overlap \(overlap): an overlap lies between 0 and 1") }
  }

  func run() throws {
    let truths = try ObjectTruth.read(contentsOf: truth)
    let records = try detections.flatMap { try DetectionRecord.read(contentsOf: $0) }
    let evaluation = DetectionEvaluation(truths: truths, records: records, overlap: overlap)
    if json { try JSONOutput.print(evaluation) } else { print(table(evaluation)) }
    if evaluation.strangers > 0 {
      Console.note("\(evaluation.strangers) detections are in pictures that \(truth) does not name; they are not counted")
    }
  }

  private func table(_ evaluation: DetectionEvaluation) -> String {
    let wide = max(5, evaluation.classes.map(\.label.count).max() ?? 0)
    let head = row("class", ["objects", "answers", "VOC 2007", "VOC 2012", "COCO", "COCO 0.5", "COCO 0.75"], wide)
    let lines = evaluation.classes.map {
      row(
        $0.label,
        ["\($0.objects)", "\($0.detections)"] + ($0.objects > 0 ? numbers($0.precision) : [String](repeating: "–", count: 5)),
        wide)
    }
    return ([head] + lines + [row("mean", ["", ""] + numbers(evaluation.mean), wide)]).joined(separator: "\n")
  }

  private func numbers(_ value: DetectionEvaluation.Precision) -> [String] {
    [value.voc2007, value.voc2012, value.coco, value.coco50, value.coco75].map { NumberText.fixed(Double($0), digits: 4) }
  }

  private func row(_ label: String, _ cells: [String], _ wide: Int) -> String {
    let name = label + String(repeating: " ", count: wide - label.count)
    return name + cells.map { String(repeating: " ", count: max(1, 10 - $0.count)) + $0 }.joined()
  }
}
