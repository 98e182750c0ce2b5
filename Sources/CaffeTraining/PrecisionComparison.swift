import CaffeCore
import CaffeGraph
import CaffePlan

/// What bf16 makes of a net's answers, beside fp32 on the same batches.
public struct PrecisionComparison: Sendable, Encodable {
  /// One blob.
  public struct Blob: Sendable, Encodable {
    public let name: String
    /// The means of its numbers over all batches.
    public let fp32, bf16: Float
    /// bf16 − fp32.
    public let difference: Float
    /// How far a single number was off at most, and the same in parts of the largest number of the blob in that batch; nil for
    /// average precisions, which are made of all batches.
    public let largest, largestRelative: Float?

    init(
      name: String, fp32: Float, bf16: Float, difference: Float? = nil, largest: Float? = nil, largestRelative: Float? = nil
    ) {
      (self.name, self.fp32, self.bf16) = (name, fp32, bf16)
      self.difference = difference ?? bf16 - fp32
      (self.largest, self.largestRelative) = (largest, largestRelative)
    }
  }

  /// How often the first answer is another.
  public struct Answers: Sendable, Encodable {
    public let blob: String
    public let items: Int
    public let differing: Int
  }

  public let batches: Int
  /// The outputs, and the blobs that were observed.
  public let blobs: [Blob]
  /// Of each blob that has scores of classes.
  public let answers: [Answers]

  /// A line each for people.
  public var lines: [String] {
    blobs.map { blob in
      let single = zip([blob.largest].compactMap(\.self), [blob.largestRelative].compactMap(\.self)).map {
        "; of single numbers at most \(text($0)), \(text($1)) of the largest"
      }
      return "\(blob.name) = \(text(blob.fp32)) in fp32, \(text(blob.bf16)) in bf16 (difference \(text(blob.difference))"
        + (single.first ?? "") + ")"
    } + answers.map { "\($0.blob): \($0.differing) of \($0.items) first answers differ" }
  }

  private func text(_ value: Float) -> String { NumberText.general(value) }
}

/// Runs one net over the same batches in two precisions: `caffe test --compare-precision`.
public struct PrecisionTrial {
  /// In fp32, with the data.
  private let net: SolverNet
  private let rounded: Session
  private let scores: [String]
  /// How detections are scored.
  public var averagePrecision = AveragePrecision.integral

  /// - Parameters:
  ///   - net: the net in fp32.
  ///   - rounded: the same net in bf16.
  ///   - scores: observed blobs in which axis 1 has a score for each class.
  public init(net: SolverNet, rounded: Session, scores: [String]) {
    self.net = net
    self.rounded = rounded
    self.scores = scores
  }

  /// - Parameters:
  ///   - beforeBatch: asked before each batch whether to go on.
  ///   - onBatch: told each batch's number and the most that a number differs by, in parts of the largest of its blob.
  /// - Returns: nil when stopped.
  /// - Throws: `RunError`, or what reading data throws.
  public func run(
    iterations: Int, beforeBatch: () throws -> Bool = { true }, onBatch: (Int, Float) -> Void = { _, _ in }
  ) throws -> PrecisionComparison? {
    var detections: (fp32: NetOutputs?, bf16: NetOutputs?)
    var tallies = names.map { PrecisionTally(name: $0, hasScores: scores.contains($0)) }
    for batch in 0..<iterations {
      guard try beforeBatch() else { return nil }
      try net.feed?.fill(net.session)
      rounded.copyInputs(from: net.session)
      try net.session.forward()
      try rounded.forward()
      var largest: Float = 0
      for index in tallies.indices {
        guard let fp32 = net.session.output(tallies[index].name), let bf16 = rounded.output(tallies[index].name) else { continue }
        largest = max(largest, tallies[index].add(fp32, bf16))
      }
      detections.fp32.add(NetOutputs(net.session, averagePrecision: averagePrecision))
      detections.bf16.add(NetOutputs(rounded, averagePrecision: averagePrecision))
      onBatch(batch, largest)
    }
    let scored = zip(detections.fp32?.detectionMeans ?? [], detections.bf16?.detectionMeans ?? [])
    return PrecisionComparison(
      batches: iterations,
      blobs: tallies.filter { !$0.isEmpty }.map(\.blob) + scored.map { .init(name: $0.blob, fp32: $0.value, bf16: $1.value) },
      answers: tallies.compactMap(\.answers))
  }

  /// The outputs by name, but for detections, then the scores that are none.
  private var names: [String] {
    let graph = net.session.plan.graph
    let outputs = graph.graph.outputs.filter { value in
      graph.nodes[graph.graph.values[value].producer.node].definition.type != DetectionScore.layerType
    }.map { graph.graph.values[$0].name }
    return outputs + scores.filter { !outputs.contains($0) }
  }
}

/// What is known of a blob after some batches.
private struct PrecisionTally {
  let name: String
  let hasScores: Bool
  private var count = 0
  private var sums = (fp32: 0.0, bf16: 0.0)
  private var largest: Float = 0
  private var largestRelative: Float = 0
  private var items = 0
  private var differing = 0

  init(name: String, hasScores: Bool) {
    self.name = name
    self.hasScores = hasScores
  }

  var isEmpty: Bool { count == 0 }

  var blob: PrecisionComparison.Blob {
    let (fp32, bf16) = (sums.fp32 / Double(max(1, count)), sums.bf16 / Double(max(1, count)))
    return PrecisionComparison.Blob(
      name: name, fp32: Float(fp32), bf16: Float(bf16), difference: Float(bf16 - fp32), largest: largest,
      largestRelative: largestRelative)
  }

  var answers: PrecisionComparison.Answers? {
    items == 0 ? nil : PrecisionComparison.Answers(blob: name, items: items, differing: differing)
  }

  /// Takes a batch; blobs whose shapes follow from values may have got different ones, and are passed over.
  ///
  /// - Returns: the largest difference, in parts of the largest number.
  mutating func add(_ fp32: Tensor, _ bf16: Tensor) -> Float {
    guard fp32.shape == bf16.shape else { return 0 }
    var (worst, scale): (Float, Float) = (0, 0)
    for (exact, rounded) in zip(fp32.values, bf16.values) {
      sums.fp32 += Double(exact)
      sums.bf16 += Double(rounded)
      scale = max(scale, abs(exact))
      worst = max(worst, PrecisionTally.distance(exact, rounded))
    }
    count += fp32.values.count
    if hasScores { compareAnswers(fp32, bf16) }
    let relative = worst == 0 ? 0 : worst.isInfinite ? .infinity : worst / scale
    largest = max(largest, worst)
    largestRelative = max(largestRelative, relative)
    return relative
  }

  /// Infinite where one of them alone is no number.
  private static func distance(_ a: Float, _ b: Float) -> Float {
    if a == b || (a.isNaN && b.isNaN) { return 0 }
    let distance = abs(a - b)
    return distance.isNaN ? .infinity : distance
  }

  private mutating func compareAnswers(_ fp32: Tensor, _ bf16: Tensor) {
    guard fp32.shape.rank > 1 else { return }
    let (classes, inner) = (fp32.shape[1], fp32.shape.count(from: 2))
    for item in 0..<fp32.shape[0] * inner {
      let start = item / inner * classes * inner + item % inner
      func first(_ tensor: Tensor) -> Int? {
        (0..<classes).max { tensor.values[start + $0 * inner] < tensor.values[start + $1 * inner] }
      }
      items += 1
      if first(fp32) != first(bf16) { differing += 1 }
    }
  }
}
