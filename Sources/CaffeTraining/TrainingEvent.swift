import CaffeFormat

/// Something a training has to tell, as programs read it: one line of a `.jsonl` record.
public struct TrainingEvent: Sendable, Encodable {
  public enum Kind: String, Sendable, Encodable {
    /// An iteration that the log shows (display).
    case train
    /// A test net's means.
    case test
    case snapshot
    /// A run goes on from a snapshot.
    case resumed
    /// An item of the data that cannot be used was passed over.
    case skipped
    /// The training is over, or was stopped.
    case end
  }

  public let event: Kind
  /// nil for a skipped item: data is read ahead of the iterations.
  public let iteration: Int?
  /// The number of the test net.
  public let net: Int?
  /// In training the mean of the last average_loss losses, in a test the mean of its batches.
  public let loss: Float?
  public let rate: Float?
  /// The net's outputs by blob; of a blob of several elements all of them.
  public let outputs: [String: [Float]]
  /// Seconds that the training net has waited for its data since the beginning.
  public let secondsWaited: Double?
  /// The files of a snapshot.
  public let weights, state: String?
  /// Which item was skipped, and why.
  public let item: String?

  init(
    _ event: Kind, iteration: Int?, net: Int? = nil, loss: Float? = nil, rate: Float? = nil, outputs: [NetOutputs.Value] = [],
    secondsWaited: Double? = nil, weights: String? = nil, state: String? = nil,
    item: String? = nil
  ) {
    (self.event, self.iteration, self.net, self.loss, self.rate) = (event, iteration, net, loss, rate)
    self.outputs = Dictionary(grouping: outputs, by: \.blob).mapValues { $0.map(\.value) }
    (self.secondsWaited, self.weights, self.state, self.item) = (secondsWaited, weights, state, item)
  }

  /// A run goes on from a solver state.
  public static func resumed(from state: String, iteration: Int) -> TrainingEvent {
    TrainingEvent(.resumed, iteration: iteration, state: state)
  }

  /// An item was passed over: which, and why.
  public static func skipped(_ item: String) -> TrainingEvent { TrainingEvent(.skipped, iteration: nil, item: item) }

  private enum CodingKeys: String, CodingKey {
    case event, iteration, net, loss, rate, outputs
    case secondsWaited = "seconds_waited"
    case weights, state, item
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(event, forKey: .event)
    try container.encodeIfPresent(iteration, forKey: .iteration)
    try container.encodeIfPresent(net, forKey: .net)
    try container.encodeIfPresent(loss, forKey: .loss)
    try container.encodeIfPresent(rate, forKey: .rate)
    if !outputs.isEmpty { try container.encode(outputs.mapValues(Numbers.init), forKey: .outputs) }
    try container.encodeIfPresent(secondsWaited, forKey: .secondsWaited)
    try container.encodeIfPresent(weights, forKey: .weights)
    try container.encodeIfPresent(state, forKey: .state)
    try container.encodeIfPresent(item, forKey: .item)
  }

  /// One number, or a list of several.
  private struct Numbers: Encodable {
    let values: [Float]
    init(_ values: [Float]) { self.values = values }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      if values.count == 1 { try container.encode(values[0]) } else { try container.encode(values) }
    }
  }
}
