import ArgumentParser
import CaffeCore
import CaffeFormat
import CaffeHDF5

struct WeightsDiffVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Compare two files of weights.",
    discussion: """
      Ends with 1 when a layer or blob is missing on a side, shapes differ, or numbers are further apart than the tolerance.

      Example: caffe weights diff before.caffemodel after.caffemodel.h5 --tolerance 1e-6
      """)

  @Argument(help: "Weights, a model's directory or name.") var first: String
  @Argument(help: "The weights to compare them with.") var second: String
  @Option(help: "How far apart numbers may be.") var tolerance: Float = 0
  @Flag(help: "Print JSON.") var json = false

  func run() throws {
    let weights = try [first, second].map { try WeightSet.load(path: try NamedModel.path($0, .weights)) }
    let difference = WeightDifference(weights[0], weights[1])
    if json { try JSONOutput.print(difference) } else { for line in lines(difference) { print(line) } }
    if !difference.isWithin(tolerance) { throw ExitCode(1) }
  }

  /// Blobs that are equal are counted, others shown.
  private func lines(_ difference: WeightDifference) -> [String] {
    let blobs = difference.layers.flatMap { layer in layer.blobs.enumerated().map { (layer.name, $0.offset, $0.element) } }
    let shown = blobs.filter { !$0.2.isWithin(tolerance) }
    return difference.onlyFirst.map { "only in \(first): \($0)" } + difference.onlySecond.map { "only in \(second): \($0)" }
      + shown.map { "\($0), blob \($1): \(text($2))" } + ["\(blobs.count - shown.count) of \(blobs.count) blobs agree"]
  }

  private func text(_ blob: WeightDifference.Blob) -> String {
    guard let left = blob.first else { return "only in \(second)" }
    guard let right = blob.second else { return "only in \(first)" }
    guard let maximum = blob.maximum else { return "shape \(Shape(left)) and \(Shape(right))" }
    return "\(Shape(left)), numbers differ by up to \(NumberText.general(maximum))"
  }
}
