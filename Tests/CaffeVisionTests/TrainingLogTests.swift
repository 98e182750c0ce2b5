import CaffeVision
import Testing

@Suite("Training logs in Caffe's grammar")
struct TrainingLogTests {
  private static let plain = """
    Iteration 0, Testing net (#0)
        Test net output #0: accuracy = 0.1008
        Test net output #1: loss = 2.37 (* 1 = 2.37 loss)
    Iteration 0 (-nan iter/s, 0s/100 iters), loss = 2.41
        Train net output #0: loss = 2.41 (* 1 = 2.41 loss)
    Iteration 0, lr = 0.01
    Iteration 100 (812.3 iter/s, 0.1231s/100 iters), loss = 2.5e-1
    Iteration 100, lr = 0.00992565
    Iteration 100, Testing net (#1)
        Test net output #0: a = b = 7
        Test net output #0: accuracy = 0.97
    Snapshotting to binary proto file lenet_iter_100.caffemodel
    Iteration 200, loss = nan
    Optimization Done.
    """

  @Test("losses, rates and outputs, each at its iteration")
  func plain() {
    let log = TrainingLog(text: Self.plain)
    #expect(log.loss.prefix(2) == [.init(iteration: 0, value: 2.41), .init(iteration: 100, value: 0.25)])
    #expect(log.loss.count == 3 && log.loss[2].value.isNaN)
    #expect(log.learningRate == [.init(iteration: 0, value: 0.01), .init(iteration: 100, value: 0.00992565)])
    #expect(log.testOutputs["accuracy"] == [.init(iteration: 0, value: 0.1008)])
    #expect(log.testOutputs["loss"] == [.init(iteration: 0, value: 2.37)])
    #expect(log.testOutputs["accuracy (net 1)"] == [.init(iteration: 100, value: 0.97)])
    #expect(log.trainOutputs["loss"] == [.init(iteration: 0, value: 2.41)])
  }

  @Test("the logger's prefix changes nothing, and line by line is the same")
  func prefixed() {
    let lines = Self.plain.split(separator: "\n").filter { !$0.contains("nan") }
    let expected = TrainingLog(text: lines.joined(separator: "\n"))
    let prefixed = lines.map { "I0102 15:04:05.678901 12345 solver.cpp:218] \($0)" }
    #expect(TrainingLog(text: prefixed.joined(separator: "\n")) == expected)
    var log = TrainingLog()
    for line in prefixed { log.append(line: line) }
    #expect(log == expected)
  }

  @Test(
    "lines that only look alike are passed over",
    arguments: [
      "Iteration", "Iteration x, loss = 1", "Iteration 99999999999999999999, loss = 1", "Iteration 3, loss = ",
      "Iteration 4, lr = fast", "Test net output #0: accuracy = 1", "Train net output #", "I0102", "] ",
      "Iteration 5, Testing net (#)",
    ])
  func noise(_ line: String) { #expect(TrainingLog(text: line) == TrainingLog()) }
}
