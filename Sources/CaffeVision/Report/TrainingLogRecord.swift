import Foundation

/// A line of a training's log for machines: one JSON object, `{"event":"train","iteration":100,"loss":0.3,…}`.
struct TrainingLogRecord: Decodable {
  let event: String
  let iteration: Int
  private let loss: Double?
  private let rate: Double?
  private let net: Int?
  private let outputs: [String: Numbers]?

  /// nil for a line that is none; numbers that are not finite may be written as texts.
  init?(_ line: Substring) {
    guard line.first == "{" else { return nil }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    guard let record = try? decoder.decode(TrainingLogRecord.self, from: Data(line.utf8)) else { return nil }
    self = record
  }

  /// What the record says, as the lines for people say it.
  var lines: [TrainingLogLine] {
    let outputs = (outputs ?? [:]).sorted { $0.key < $1.key }.flatMap { name, numbers in
      numbers.values.enumerated().map { (key: numbers.values.count > 1 ? "\(name)[\($0)]" : name, value: $1) }
    }
    switch event {
    case "train":
      return (loss.map { [.loss(iteration: iteration, $0)] } ?? []) + rateLine
        + outputs.map { .trainOutput(name: $0.key, $0.value) }
    case "test": return [.test(net: net ?? 0, iteration: iteration)] + outputs.map { .testOutput(name: $0.key, $0.value) }
    case "lr": return rateLine
    default: return []
    }
  }

  /// One number, or a list of the elements of a larger blob.
  private struct Numbers: Decodable {
    let values: [Double]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      values = try (try? container.decode([Double].self)) ?? [container.decode(Double.self)]
    }
  }

  private var rateLine: [TrainingLogLine] { rate.map { [.learningRate(iteration: iteration, $0)] } ?? [] }
}
