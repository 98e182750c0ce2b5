import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffePlan
import CaffeTraining

/// Runs a net over its own data and writes what blobs hold, item by item: Caffe's extract_features.
public struct FeatureExtraction {
  /// A blob and the file or database that gets its values.
  public struct Output: Sendable {
    public let blob: String
    public let path: String
    public let format: FeatureFormat

    public init(blob: String, path: String, format: FeatureFormat) {
      self.blob = blob
      self.path = path
      self.format = format
    }
  }

  /// What was written.
  public struct Summary: Sendable, Encodable {
    public let blob: String
    public let path: String
    /// Items in all.
    public let items: Int
    /// The shape of one.
    public let shape: [Int]
  }

  /// Called with the batches done and their number.
  public typealias Progress = (_ done: Int, _ total: Int) -> Void

  private let session: Session
  private let feed: (any DataFeed)?
  private let outputs: [Output]
  private let ranks: (any Communicator)?

  /// Builds the net for the TEST phase, with its weights and data.
  ///
  /// - Parameters:
  ///   - ranks: the processes that share the batches out; rank 0 writes.
  ///   - fingerprint: what else they must have alike.
  /// - Throws: `FileError`, `Diagnostics`, `RunError` for a blob that is not there or has no items or an input that nothing fills,
  ///   or what reading the weights or opening the data throws.
  public init(
    net: String, weights: String, outputs: [Output], options: NetOptions, ranks: (any Communicator)? = nil,
    fingerprint: JobFingerprint = JobFingerprint(host: "")
  ) throws {
    var workshop = NetWorkshop(file: net, options: options, weights: [try WeightSet.load(path: weights)])
    workshop.observed = outputs.map(\.blob)
    let built = try workshop.build(net: net, phase: .TEST, purpose: .inference, shard: .training(ranks))
    try built.checkInputsAreFilled()
    try ranks.map { try built.fingerprint(fingerprint).compare(over: $0) }
    (session, feed) = (built.session, built.feed)
    self.outputs = outputs
    self.ranks = ranks
  }

  /// Extracts. An output appears whole or not at all.
  ///
  /// - Parameter shouldStop: asked before each batch, of several ranks before one of each; all must say the same.
  /// - Returns: what was written; elsewhere than on rank 0 nothing.
  /// - Throws: `RunError`, what reading data or writing throws, `CancellationError` when stopped.
  public func run(
    batches: Int, progress: Progress = { _, _ in }, shouldStop: () throws -> Bool = { false }
  ) throws -> [Summary] {
    var streams: [FeatureStream] = []
    var done = 0
    // A net that goes on where its last pass ended is run by rank 0 alone.
    let share = DataShard.training(session.plan.hasState ? nil : ranks)
    for round in 0..<(batches + share.count - 1) / share.count {
      guard try !shouldStop() else { throw CancellationError() }
      let batch = round * share.count + share.rank
      let isMine = batch < batches && (share.count > 1 || ranks?.isFirst ?? true)
      for tensors in try gather(isMine ? try values(ofPass: batch) : []) {
        if streams.isEmpty { streams = try zip(outputs, tensors).map { try FeatureStream($0, first: $1, batches: batches) } }
        for index in streams.indices { try streams[index].add(tensors[index]) }
        done += 1
      }
      progress(done, batches)
    }
    for index in streams.indices { try streams[index].commit() }
    return streams.map(\.summary)
  }

  private func values(ofPass pass: Int) throws -> [Tensor] {
    session.iteration = pass
    try feed?.fill(session)
    try session.forward()
    return try outputs.map { try tensor($0.blob) }
  }

  /// The tensors of a round, batch after batch; elsewhere than on rank 0 nothing.
  private func gather(_ mine: [Tensor]) throws -> [[Tensor]] {
    guard let ranks else { return [mine] }
    return try ranks.gather(mine.flatMap(\.record)).map(Tensor.list).filter { !$0.isEmpty }
  }

  private func tensor(_ blob: String) throws(RunError) -> Tensor {
    guard let tensor = session.output(blob) else { throw RunError("the blob \"\(blob)\" holds nothing after the pass") }
    guard tensor.shape.rank > 0 else { throw RunError("the blob \"\(blob)\" is one number for the whole batch; it has no items") }
    return tensor
  }
}

/// What one blob's values go to.
private struct FeatureStream {
  private let output: FeatureExtraction.Output
  private let first: Shape
  private var writer: any FeatureWriter
  private var items = 0

  init(_ output: FeatureExtraction.Output, first: Tensor, batches: Int) throws {
    self.output = output
    self.first = first.shape
    let item = Shape(Array(first.shape.dims.dropFirst()))
    let (items, overflow) = batches.multipliedReportingOverflow(by: first.shape[0])
    guard !overflow else { throw RunError("\(batches) batches of \(first.shape[0]) items are more than can be counted") }
    writer = try output.format.writer(path: output.path, blob: output.blob, items: items, shape: item)
  }

  mutating func add(_ batch: Tensor) throws {
    guard batch.shape == first || !output.format.isArray else {
      throw RunError(
        "the blob \"\(output.blob)\" was \(first) and is \(batch.shape) now; such values need a database, which takes any number")
    }
    try writer.add(batch)
    items += batch.shape[0]
  }

  mutating func commit() throws { try writer.commit() }

  var summary: FeatureExtraction.Summary {
    .init(blob: output.blob, path: output.path, items: items, shape: Array(first.dims.dropFirst()))
  }
}
