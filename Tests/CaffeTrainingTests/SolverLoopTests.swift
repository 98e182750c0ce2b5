import CaffeCore
import CaffeTraining
import Testing

@Suite("The solver's loop")
struct SolverLoopTests {
  private static let number = "-?(?:[0-9.]+(?:e[+-]?[0-9]+)?|nan|inf)"

  /// What a line may be, as parsers of Caffe's logs have it.
  private static let grammar = [
    "Solving \\w+", "Learning Rate Policy: \\w+", "Iteration \\d+, Testing net \\(#\\d+\\)",
    " {4}Test net output #\\d+: \\w+ = \(number)(?: \\(\\* \(number) = \(number) loss\\))?",
    " {4}Train net output #\\d+: \\w+ = \(number)(?: \\(\\* \(number) = \(number) loss\\))?",
    "Iteration \\d+ \\(\(number) iter/s, \(number)s/\\d+ iters\\), loss = \(number)", "Iteration \\d+, lr = \(number)",
    "Iteration \\d+, loss = \(number)", "Snapshotting to binary proto file \\S+\\.caffemodel",
    "Snapshotting solver state to binary proto file \\S+\\.solverstate", "Optimization Done\\.",
  ]

  @Test("says what Caffe's says, in its words and order")
  func log() throws {
    let training = try SmallTraining()
    try training.solver("max_iter: 4 display: 2 test_iter: 3 test_interval: 4").solve()
    let patterns = try Self.grammar.map { try Regex($0) }
    let kinds = training.lines.map { line in patterns.firstIndex { (try? $0.wholeMatch(in: line)) != nil } ?? -1 }
    #expect(kinds == [0, 1, 2, 3, 3, 5, 4, 6, 5, 4, 6, 8, 9, 7, 2, 3, 3, 10], "\(training.lines.joined(separator: "\n"))")
    #expect(training.lines[0] == "Solving small")
    #expect(training.lines[2] == "Iteration 0, Testing net (#0)")
    #expect(training.lines[3].hasPrefix("    Test net output #0: accuracy = "))
    #expect(training.lines[7] == "Iteration 0, lr = 0.05")
    #expect(training.lines[14] == "Iteration 4, Testing net (#0)")
  }

  /// The number behind the first `=` of every line that begins so.
  private static func numbers(_ training: SmallTraining, _ prefix: String) -> [Float] {
    training.lines.filter { $0.hasPrefix(prefix) }.compactMap { line in
      line.split(separator: "=").dropFirst().first.flatMap { Float($0.split(separator: " ")[0]) }
    }
  }

  @Test("tests with the weights that training has reached")
  func testing() throws {
    let training = try SmallTraining()
    let settings = "max_iter: 6 display: 2 test_iter: 1 test_interval: 2 train_state { stage: 'plain' }"
    try training.solver(settings, data: "constant").solve()
    let trained = Self.numbers(training, "    Train net output #0: loss")
    let tested = Self.numbers(training, "    Test net output #1: loss")
    #expect(trained.count == 3)
    #expect(tested.prefix(3) == trained[...])
    #expect(zip(tested, tested.dropFirst()).allSatisfy { $0 > $1 })
  }

  @Test("lets test_initialization: false skip the first test only")
  func withoutFirstTest() throws {
    let training = try SmallTraining()
    try training.solver("max_iter: 2 test_iter: 1 test_interval: 2 test_initialization: false").solve()
    #expect(training.lines.filter { $0.hasSuffix("Testing net (#0)") } == ["Iteration 2, Testing net (#0)"])
  }

  @Test("stops when asked to, with a snapshot of where it is")
  func stop() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 100")
    solver.requestedAction = { [unowned solver] in solver.iteration == 3 ? .stop : .none }
    try solver.solve()
    #expect(solver.iteration == 3)
    #expect(training.files == ["small_iter_3.caffemodel", "small_iter_3.resume", "small_iter_3.solverstate"])
    #expect(training.lines.last == "Optimization stopped early.")
  }

  @Test("takes a snapshot when asked to, and goes on")
  func snapshot() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 5 snapshot_after_train: false")
    solver.requestedAction = { [unowned solver] in solver.iteration == 2 ? .snapshot : .none }
    try solver.solve()
    #expect(solver.iteration == 5)
    #expect(training.files == ["small_iter_2.caffemodel", "small_iter_2.resume", "small_iter_2.solverstate"])
  }

  @Test("shows the mean of the last losses where average_loss asks for it")
  func averageLoss() throws {
    func losses(_ settings: String) throws -> [Float] {
      let training = try SmallTraining()
      let solver = try training.solver("max_iter: 4 \(settings)")
      var losses: [Float] = []
      solver.onStep = { losses.append($0.loss) }
      try solver.step(4)
      return losses
    }
    let (single, mean) = (try losses(""), try losses("average_loss: 2"))
    #expect(mean[0] == single[0])
    for index in 1..<4 { #expect(abs(mean[index] - (single[index - 1] + single[index]) / 2) < 1e-6) }
  }

  @Test(
    "refuses settings that make no sense",
    arguments: [
      ("iter_size: 0", "iter_size is 0; it must be 1 to 1000000"),
      ("regularization_type: 'L3'", "regularization_type is L1 or L2, not \"L3\""),
      ("type: 'SDG'", "there is no solver type \"SDG\"; there are "),
    ])
  func mistakes(settings: String, message: String) throws {
    let training = try SmallTraining()
    let error = #expect(throws: SolverError.self) { try training.solver("max_iter: 1 \(settings)") }
    #expect(error?.description.hasPrefix(message) == true)
  }

  @Test("with debug_info tells of every layer and gradient, in Caffe's words")
  func debugInfo() throws {
    let training = try SmallTraining()
    try training.solver("max_iter: 1 debug_info: true train_state { stage: 'plain' }", data: "constant").solve()
    let lines = training.lines.filter { $0.hasPrefix("    [") }
    let places = lines.map { $0.split(separator: ":")[0] }
    #expect(
      places == [
        "    [Forward] Layer data, top blob x data", "    [Forward] Layer data, top blob label data",
        "    [Forward] Layer conv, top blob conv data", "    [Forward] Layer conv, param blob 0 data",
        "    [Forward] Layer conv, param blob 1 data", "    [Forward] Layer relu, top blob conv data",
        "    [Forward] Layer fc, top blob fc data", "    [Forward] Layer fc, param blob 0 data",
        "    [Forward] Layer fc, param blob 1 data", "    [Forward] Layer loss, top blob loss data",
        "    [Backward] Layer loss, bottom blob fc diff", "    [Backward] Layer fc, bottom blob conv diff",
        "    [Backward] Layer fc, param blob 0 diff", "    [Backward] Layer fc, param blob 1 diff",
        "    [Backward] Layer relu, bottom blob conv diff", "    [Backward] Layer conv, param blob 0 diff",
        "    [Backward] Layer conv, param blob 1 diff", "    [Backward] All net params (data, diff)",
        "    [Update] Layer conv, param 0 data", "    [Update] Layer conv, param 1 data", "    [Update] Layer fc, param 0 data",
        "    [Update] Layer fc, param 1 data",
      ])
    #expect(lines[0] == "    [Forward] Layer data, top blob x data: 0.5")
    #expect(lines[1] == "    [Forward] Layer data, top blob label data: 1")
    // The same numbers at the place that makes them and the one that is given them: nothing stands between conv's relu and fc.
    func number(_ line: String) -> Substring? { line.split(separator: " ").last }
    #expect(number(lines[3]) == number(lines[18]).flatMap { _ in lines[18].split(separator: ";")[0].split(separator: " ").last })
    #expect(number(lines[15]) == number(lines[18]))
  }

  @Test("tells programs what it tells people")
  func events() throws {
    let training = try SmallTraining()
    let solver = try training.solver("max_iter: 4 display: 2 test_iter: 2 test_interval: 4")
    var events: [TrainingEvent] = []
    solver.onEvent = { events.append($0) }
    try solver.solve()
    #expect(events.map(\.event) == [.test, .train, .train, .snapshot, .train, .test, .end])
    #expect(events.map(\.iteration) == [0, 0, 2, 4, 4, 4, 4])
    #expect(events[6].loss == events[4].loss && events[6].loss != nil)
    #expect(events[0].outputs.keys.sorted() == ["accuracy", "loss"])
    #expect(events[1].rate == 0.05)
    #expect(
      events[1].loss.map { training.lines.contains("    Train net output #0: loss = \(text($0)) (* 1 = \(text($0)) loss)") }
        == true)
    #expect(events[3].state == training.folder.file("small_iter_4.solverstate"))
  }

  private func text(_ number: Float) -> String { NumberText.general(number) }
}
