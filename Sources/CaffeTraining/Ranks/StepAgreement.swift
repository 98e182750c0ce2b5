/// What the ranks tell each other in each iteration beside gradients: losses and outputs, of which the mean is shown, and whether
/// somebody was asked to stop or to write a snapshot.
final class StepAgreement {
  private let ranks: any Communicator
  private let values: UnsafeMutableBufferPointer<Float>
  private var pending: (any PendingSum)?
  private var outputs: NetOutputs

  /// Sends what this rank has.
  ///
  /// - Throws: what the transport throws.
  init(_ outputs: NetOutputs, _ action: Solver.Action, _ ranks: any Communicator) throws {
    self.ranks = ranks
    self.outputs = outputs
    let flags: [Float] = [action == .stop ? 1 : 0, action == .snapshot ? 1 : 0]
    values = .allocate(capacity: flags.count + 1 + outputs.values.count)
    _ = values.initialize(from: flags + [outputs.loss] + outputs.values.map(\.value))
    pending = try ranks.startSum(values)
  }

  deinit {
    // The transport may still write to it.
    if pending == nil { values.deallocate() }
  }

  /// The means of all ranks, and what the strongest wish is: to stop, else a snapshot.
  ///
  /// - Throws: what the transport throws.
  func result() throws -> (outputs: NetOutputs, action: Solver.Action) {
    try pending?.wait()
    pending = nil
    let count = Float(ranks.size)
    outputs.loss = values[2] / count
    for index in outputs.values.indices { outputs.values[index].value = values[3 + index] / count }
    return (outputs, values[0] > 0 ? .stop : values[1] > 0 ? .snapshot : .none)
  }
}
