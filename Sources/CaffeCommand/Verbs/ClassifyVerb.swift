import ArgumentParser
import Caffe
import CaffeCore
import CaffeTraining
import CaffeZoo
import Foundation

struct ClassifyVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Name what is in pictures (JPEG, PNG).",
    discussion: """
      In a model's directory the weights, the labels and the pre-processing are found by themselves: the readme's front
      matter says them, and for what it leaves out train_val.prototxt.

      Example: caffe classify models/lenet digit.png --top 3
      """)

  /// What `--json` prints per picture.
  private struct Result: Codable {
    let image: String
    let answers: [Classifier.Answer]
  }

  @Argument(help: "A model's directory or name, or a deploy prototxt.") var model: String
  @Argument(help: "Pictures.") var images: [String]
  @Option(help: "Weights: .caffemodel or .caffemodel.h5.") var weights: String?
  @Option(help: "Names of the classes, one a line.") var labels: String?
  @Option(help: "A mean image (.binaryproto), or means in the order of the net's channels.") var mean: String?
  @Option(help: "What pixels (0 to 255, less the mean) are multiplied by.") var scale: Float?
  @Option(help: "How many answers.") var top = 5
  @Flag(help: "Average over four corners, the middle and their mirror images.") var oversample = false
  @Flag(help: "Print JSON.") var json = false
  @OptionGroup var engine: InferenceOptions

  func validate() throws {
    if top < 1 { throw ValidationError("--top must be at least 1") }
  }

  func run() throws {
    let ranks = try Job.join()
    // Before weights are fetched, which may take long.
    for image in images {
      guard FileManager.default.fileExists(atPath: image) else { throw FileError(path: image, operation: "open", code: ENOENT) }
    }
    let classifier = try Classifier(
      try NamedModel.path(model, weights == nil ? .directory : .files), weights: weights, labels: labels, mean: mean,
      scale: scale,
      options: engine.netOptions(phase: .TEST))
    for warning in classifier.warnings { Console.note("warning: \(warning)") }
    try ranks.map { try fingerprint.compare(over: $0) }
    let results = try classify(classifier, ranks)
    guard ranks?.isFirst ?? true else { return }
    if json { try JSONOutput.print(results) }
    if !classifier.hasLabels {
      Console.note("the classes' names are not known: give --labels FILE with one a line, or put labels.txt beside the net")
    }
  }

  /// The answers for all pictures, printed as they come; elsewhere than on rank 0 none.
  private func classify(_ classifier: Classifier, _ ranks: (any Communicator)?) throws -> [Result] {
    var results: [Result] = []
    let (first, count) = (ranks?.rank ?? 0, ranks?.size ?? 1)
    // Ranks that have no picture in the last round still take part in it.
    for round in stride(from: first, to: first + images.count, by: count) {
      try RankAgreement(ranks).inTurn { () throws -> Result? in
        guard round < images.count else { return nil }
        return Result(image: images[round], answers: try classifier.classify(images[round], top: top, oversample: oversample))
      } show: { all in
        if !json { for result in all { print(text(result.image, result.answers)) } }
        // A rank that fails ends this one too.
        try Console.flushResults()
        results += all
      }
    }
    return results
  }

  private var fingerprint: JobFingerprint {
    Job.fingerprint([
      "option": engine.fingerprint, "model": model, "list of pictures": images.joined(separator: "\n"),
      "way to classify":
        "--top \(top) --oversample \(oversample) --scale \(scale ?? 1) --mean \(mean ?? "") --weights \(weights ?? "")",
    ])
  }

  private func text(_ image: String, _ answers: [Classifier.Answer]) -> String {
    let lines = answers.map { "\(NumberText.fixed(Double($0.score), digits: 4)) - \"\($0.label)\"" }
    return (["---------- Prediction for \(image) ----------"] + lines).joined(separator: "\n")
  }
}
