import CaffeCore
import CaffePlan

extension Solver {
  func testAll() throws {
    statesBeforeTests = testNets.map(\.resumeState)
    for index in testNets.indices where !isStopped { try test(index) }
    if !isStopped { statesBeforeTests = nil }
  }

  /// Runs a test net over its batches with the weights as they are.
  ///
  /// - Returns: the mean of every output, and of the loss.
  /// - Throws: `RunError`, or what reading data throws.
  @discardableResult
  public func test(_ index: Int) throws -> NetOutputs? {
    log("Iteration \(iteration), Testing net (#\(index))")
    let (test, iterations) = (testNets[index], definition.testNets[index].iterations)
    try shareStatistics()
    try test.session.weights.share(from: net.session.weights)
    var scoring = Scoring(net: test, ranks: ranks)
    scoring.averagePrecision = definition.averagePrecision
    scoring.debugInfo = debugInfo(of: test)
    let mean = try scoring.run(
      iterations: iterations,
      beforeRound: {
        let action = try RankAgreement(self.ranks).agreed(self.requestedAction())
        if action == .snapshot { try self.keepSnapshot() }
        return action != .stop
      })
    guard let mean else {
      isStopped = true
      log("Test interrupted.")
      return nil
    }
    if parameter.testComputeLoss { log("Test loss: \(NumberText.general(mean.loss))") }
    if parameter.showPerClassResult { mean.classLines.forEach(log) }
    for line in mean.lines { log("    Test net output \(line)") }
    onEvent(TrainingEvent(.test, iteration: iteration, net: index, loss: mean.loss, outputs: mean.values))
    return mean
  }
}
