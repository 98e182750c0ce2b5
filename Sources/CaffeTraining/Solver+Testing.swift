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
    try test.session.weights.share(from: net.session.weights)
    var sum: NetOutputs?
    for _ in 0..<iterations {
      let action = requestedAction()
      if action == .snapshot { try keepSnapshot() }
      if action == .stop {
        isStopped = true
        log("Test interrupted.")
        return nil
      }
      try test.feed?.fill(test.session)
      try debugInfo(of: test)?.forward() ?? test.session.forward()
      sum.add(NetOutputs(test.session, averagePrecision: definition.averagePrecision))
    }
    guard let mean = sum?.divided(by: Float(iterations)) else { return nil }
    if parameter.testComputeLoss { log("Test loss: \(NumberText.general(mean.loss))") }
    if parameter.showPerClassResult { mean.classLines.forEach(log) }
    for line in mean.lines { log("    Test net output \(line)") }
    onEvent(TrainingEvent(.test, iteration: iteration, net: index, loss: mean.loss, outputs: mean.values))
    return mean
  }
}
