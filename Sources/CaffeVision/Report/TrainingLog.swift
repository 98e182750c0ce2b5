import CaffeCore
import CaffeData

/// The course of a training, read from lines in Caffe's grammar, or from a log for machines: a JSON object in each line.
public struct TrainingLog: Sendable, Equatable {
  /// A number at an iteration.
  public struct Point: Sendable, Equatable {
    /// Steps of the solver done.
    public let iteration: Int
    public let value: Double

    public init(iteration: Int, value: Double) {
      self.iteration = iteration
      self.value = value
    }
  }

  /// The training loss, as displayed.
  public private(set) var loss: [Point] = []
  /// The learning rate.
  public private(set) var learningRate: [Point] = []
  /// The outputs of the test nets by name; those of nets after the first as `name (net 1)`.
  public private(set) var testOutputs: [String: [Point]] = [:]
  /// The outputs of the training net by name.
  public private(set) var trainOutputs: [String: [Point]] = [:]
  /// The net that is being tested and when, while its outputs follow.
  private var test: (net: Int, iteration: Int)?
  private var iteration = 0
  /// The iteration that was spoken of last, while a text is split into runs.
  private var newest = 0

  /// The most bytes of a log: 1 GiB.
  private static let maximumSize = 1 << 30

  /// Reads a log file.
  ///
  /// - Throws: `FileError` when it cannot be read or is larger than 1 GiB.
  public init(contentsOf path: String) throws(FileError) {
    self.init(text: String(decoding: try FileBytes.read(path, limit: TrainingLog.maximumSize), as: UTF8.self))
  }

  /// Reads a log's text, with or without the logger's prefix; lines of other kinds are passed over.
  public init(text: String) {
    for line in text.split(whereSeparator: \.isNewline) { append(line) }
  }

  /// The trainings in a log file that several of them wrote, one after the other.
  ///
  /// - Throws: `FileError` when it cannot be read or is larger than 1 GiB.
  public static func runs(contentsOf path: String) throws(FileError) -> [TrainingLog] {
    runs(text: String(decoding: try FileBytes.read(path, limit: maximumSize), as: UTF8.self))
  }

  /// The trainings in a text: one ends where the iterations fall back. There is at least one, which may be empty.
  public static func runs(text: String) -> [TrainingLog] {
    var runs = [TrainingLog()]
    for line in text.split(whereSeparator: \.isNewline).flatMap(lines(of:)) {
      if let number = line.iteration {
        if number < runs[runs.count - 1].newest { runs.append(TrainingLog()) }
        runs[runs.count - 1].newest = number
      }
      runs[runs.count - 1].read(line)
    }
    return runs
  }

  /// An empty log, to be filled line by line.
  public init() {}

  /// Takes in one more line.
  public mutating func append(line: String) { append(line[...]) }

  private mutating func append(_ line: Substring) { for line in TrainingLog.lines(of: line) { read(line) } }

  /// What a line of either kind of log says.
  private static func lines(of line: Substring) -> [TrainingLogLine] {
    TrainingLogRecord(line)?.lines ?? TrainingLogLine(line).map { [$0] } ?? []
  }

  private mutating func read(_ line: TrainingLogLine) {
    switch line {
    case .loss(let number, let value):
      loss.append(Point(iteration: number, value: value))
      iteration = number
      test = nil
    case .learningRate(let number, let value): learningRate.append(Point(iteration: number, value: value))
    case .test(let net, let number): test = (net, number)
    case .testOutput(let name, let value):
      guard let test else { return }
      let key = test.net == 0 ? name : "\(name) (net \(test.net))"
      testOutputs[key, default: []].append(Point(iteration: test.iteration, value: value))
    case .trainOutput(let name, let value):
      trainOutputs[name, default: []].append(Point(iteration: iteration, value: value))
    }
  }

  public static func == (a: TrainingLog, b: TrainingLog) -> Bool {
    a.loss == b.loss && a.learningRate == b.learningRate && a.testOutputs == b.testOutputs && a.trainOutputs == b.trainOutputs
  }
}
