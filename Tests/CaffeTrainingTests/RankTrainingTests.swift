import CaffeCore
import CaffeTraining
import Synchronization
import Testing

/// What several ranks do is compared with what one process does.
@Suite("Training on several ranks")
struct RankTrainingTests {
  static let solvers = [
    "type: 'SGD' momentum: 0.9 weight_decay: 0.01", "type: 'Nesterov' momentum: 0.9 weight_decay: 0.01",
    "type: 'AdaGrad' weight_decay: 0.01", "type: 'RMSProp' rms_decay: 0.9 weight_decay: 0.01",
    "type: 'AdaDelta' momentum: 0.95 delta: 1e-6 weight_decay: 0.01", "type: 'Adam' momentum: 0.9 momentum2: 0.99",
    "type: 'AdamW' momentum: 0.9 weight_decay: 0.01",
  ]

  /// Where rules divide by the root of a tiny gradient, rounding counts for more.
  private static let tolerance: Float = 2e-5

  // 20 rows: batches of 8 do not fit, and the second epoch begins in the middle of a batch.
  @Test("two ranks with half the batch give the weights of one with the whole batch", arguments: solvers)
  func two(settings: String) throws {
    let training = try RankTraining(rows: 20)
    let settings = "max_iter: 20 \(settings)"
    let alone = try training.alone(settings, net: training.net(batch: 8), steps: 10)
    let together = try training.together(2, settings, net: training.net(batch: 4), steps: 10)
    #expect(together.count == 2 && together[0] == together[1])
    #expect(largestDifference(together[0], alone) < Self.tolerance)
    #expect(try training.alone(settings, net: training.net(batch: 8), steps: 9) != alone)
  }

  @Test("gradients of neighbours are exchanged together")
  func buckets() throws {
    let training = try RankTraining(rows: 20)
    let counts = try ThreadRanks.run(2) { ranks in
      let solver = try training.solver("max_iter: 20", net: training.net(batch: 4), name: "buckets", ranks: ranks)
      try solver.step(1)
      return solver.exchangeRecord?.buckets
    }.map { try $0.get() }
    #expect(counts == [1, 1])
  }

  // 17 rows, 6 an iteration: no rank ever has the same rows for long, and shares differ.
  @Test("so do three ranks whose shares of the data are not alike", arguments: solvers)
  func three(settings: String) throws {
    let training = try RankTraining(rows: 17)
    let settings = "max_iter: 20 \(settings)"
    let alone = try training.alone(settings, net: training.net(batch: 6), steps: 10)
    let together = try training.together(3, settings, net: training.net(batch: 2), steps: 10)
    #expect(together[0] == together[1] && together[0] == together[2])
    #expect(largestDifference(together[0], alone) < Self.tolerance)
  }

  @Test(
    "gradients that are gathered over passes, or clipped, are those of one process as well",
    arguments: ["iter_size: 3", "clip_gradients: 0.05", "iter_size: 2 clip_gradients: 0.1 regularization_type: 'L1'"])
  func passes(settings: String) throws {
    let training = try RankTraining(rows: 21)
    let settings = "max_iter: 20 type: 'SGD' momentum: 0.9 weight_decay: 0.01 \(settings)"
    let alone = try training.alone(settings, net: training.net(batch: 4), steps: 6)
    let together = try training.together(2, settings, net: training.net(batch: 2), steps: 6)
    #expect(together[0] == together[1])
    #expect(largestDifference(together[0], alone) < 1e-5)
  }

  @Test("shared weights are exchanged once, when both layers have added to them")
  func shared() throws {
    let training = try RankTraining(rows: 16)
    let extra = """
      layer { name: 'again' type: 'InnerProduct' bottom: 'ip1' top: 'h' param { name: 'w' } inner_product_param { num_output: 8
        bias_term: false weight_filler { type: 'xavier' } } }
      layer { name: 'and again' type: 'InnerProduct' bottom: 'h' top: 'h2' param { name: 'w' } inner_product_param { num_output: 8
        bias_term: false weight_filler { type: 'xavier' } } }
      layer { name: 'sum' type: 'Eltwise' bottom: 'h2' bottom: 'ip1' top: 'sum' }
      """
    func net(_ batch: Int) -> String {
      training.net(batch: batch, extra: extra).replacing(
        "name: 'ip2' type: 'InnerProduct' bottom: 'ip1'", with: "name: 'ip2' type: 'InnerProduct' bottom: 'sum'")
    }
    let alone = try training.alone("max_iter: 9", net: net(8), steps: 6)
    let together = try training.together(2, "max_iter: 9", net: net(4), steps: 6)
    #expect(together[0] == together[1] && largestDifference(together[0], alone) < 1e-5)
  }

  @Test("each rank drops other activations, and the same ones again in another run")
  func dropout() throws {
    let training = try RankTraining(rows: 16)
    let extra = "layer { name: 'drop' type: 'Dropout' bottom: 'ip1' top: 'ip1' }"
    let net = training.net(batch: 4, extra: extra)
    let first = try training.together(2, "max_iter: 9", net: net, steps: 4)
    #expect(first[0] == first[1])
    #expect(try training.together(2, "max_iter: 9", net: net, steps: 4) == first)
    let seeds = try ThreadRanks.run(3) { try training.solver("max_iter: 9", net: net, name: "seeds", ranks: $0).net.session.seed }
      .map { try $0.get() }
    #expect(seeds[0] == 11 && Set(seeds).count == 3)
  }

  @Test("the log is rank 0's: the loss of the whole batch, and tests over the batches of all")
  func log() throws {
    let training = try RankTraining(rows: 22)
    let settings = "max_iter: 6 display: 2 test_iter: 5 test_interval: 3 type: 'SGD' momentum: 0.9"
    let lines = Mutex<[Int: [String]]>([:])
    for result in ThreadRanks.run(
      2,
      { ranks in
        let solver = try training.solver(settings, net: training.net(batch: 4), name: "together", ranks: ranks)
        solver.log = { line in lines.withLock { $0[ranks.rank, default: []].append(line) } }
        try solver.solve()
      })
    { try result.get() }
    let solver = try training.solver(settings, net: training.net(batch: 8), name: "alone")
    let expected = Mutex<[String]>([])
    solver.log = { line in expected.withLock { $0.append(line) } }
    try solver.solve()
    func shown(_ lines: [String]) -> [String] { lines.map { $0.replacing(#/\([-+\w. /,]+ iters\)/#, with: "") } }
    let (mine, theirs) = (shown(lines.withLock { $0[0] ?? [] }), shown(expected.withLock { $0 }))
    #expect(mine.filter { !$0.hasPrefix("Snapshotting") } == theirs.filter { !$0.hasPrefix("Snapshotting") })
    #expect(theirs.contains { $0.contains("accuracy") })
  }

  @Test("a snapshot goes on where it was, on more ranks and on fewer")
  func resume() throws {
    let training = try RankTraining(rows: 23)
    let settings = "max_iter: 10 snapshot: 4 type: 'SGD' momentum: 0.9 snapshot_prefix: '\(training.folder.file("s"))'"
    let alone = try training.alone(settings, net: training.net(batch: 12), steps: 10)
    for result in ThreadRanks.run(
      3,
      { ranks in
        try training.solver(settings, net: training.net(batch: 4), name: "first", ranks: ranks).step(4)
      })
    { try result.get() }
    for size in [1, 2, 4] {
      let ends = ThreadRanks.run(size) { ranks in
        let solver = try training.solver(
          settings, net: training.net(batch: 12 / size), name: "then", from: "s_iter_4.solverstate",
          ranks: size > 1 ? ranks : nil)
        try solver.step(6)
        return try RankTraining.weights(solver)
      }
      #expect(largestDifference(try ends[0].get(), alone) < 1e-5, "\(size) ranks")
    }
  }

  @Test("only rank 0 writes")
  func files() throws {
    let training = try RankTraining(rows: 12)
    let prefixes = ThreadRanks.run(2) { ranks in
      let prefix = training.folder.file("rank\(ranks.rank)")
      let settings = "max_iter: 2 snapshot: 1"
      let solver = try training.solver(
        "\(settings) snapshot_prefix: '\(training.folder.file("both"))'", net: training.net(batch: 4),
        name: prefix.suffix(5).description,
        ranks: ranks)
      try solver.step(1)
      return solver.lastSnapshotState
    }
    #expect(
      try prefixes.map { try $0.get() } == [
        training.folder.file("both_iter_1.solverstate"), training.folder.file("both_iter_1.solverstate"),
      ])
  }

  @Test("who is asked to stop stops all, with a snapshot")
  func stop() throws {
    let training = try RankTraining(rows: 12)
    let settings = "max_iter: 50 snapshot: 40 snapshot_prefix: '\(training.folder.file("stop"))'"
    let ends = ThreadRanks.run(2) { ranks in
      let solver = try training.solver(settings, net: training.net(batch: 4), name: "stop", ranks: ranks)
      solver.requestedAction = { [unowned solver] in ranks.rank == 1 && solver.iteration == 5 ? .stop : .none }
      try solver.solve()
      return solver.iteration
    }
    #expect(try ends.map { try $0.get() } == [6, 6])
    #expect(
      try training.solver(settings, net: training.net(batch: 4), name: "on", from: "stop_iter_6.solverstate").iteration == 6)
  }
}
