import CaffeTraining
import Synchronization
import Testing

/// BatchNorm over the batches of all ranks is compared with one process that has them all.
@Suite("BatchNorm over all ranks")
struct SyncBatchNormTests {
  private static let settings = "max_iter: 20 type: 'SGD' momentum: 0.9 weight_decay: 0.01"
  private static let tolerance: Float = 5e-5

  private static let layers = [
    """
    layer { name: 'bn' type: 'BatchNorm' bottom: 'ip1' top: 'ip1' batch_norm_param { moving_average_fraction: 0.9 } }
    layer { name: 'scale' type: 'Scale' bottom: 'ip1' top: 'ip1' scale_param { bias_term: true } }
    """,
    "layer { name: 'bn' type: 'BatchNorm' bottom: 'ip1' top: 'ip1' batch_norm_param { scale_bias: true } }",
    "layer { name: 'bn' type: 'BatchNorm' bottom: 'ip1' top: 'ip1' batch_norm_param { use_weight_bias: true } }",
    "layer { name: 'bn' type: 'BN' bottom: 'ip1' top: 'ip1' }",
    // One behind the other: what comes back through the second is a sum over all ranks already.
    """
    layer { name: 'bn' type: 'BatchNorm' bottom: 'ip1' top: 'ip1' }
    layer { name: 'ip' type: 'InnerProduct' bottom: 'ip1' top: 'h' inner_product_param { num_output: 8
      weight_filler { type: 'xavier' } } }
    layer { name: 'bn2' type: 'BatchNorm' bottom: 'h' top: 'h' }
    layer { name: 'sum' type: 'Eltwise' bottom: 'h' bottom: 'ip1' top: 'sum' }
    """,
  ]

  private static func net(_ training: RankTraining, batch: Int, _ layers: String) -> String {
    let net = training.net(batch: batch, extra: layers)
    return layers.contains("top: 'sum'") ? net.replacing("bottom: 'ip1' top: 'ip2'", with: "bottom: 'sum' top: 'ip2'") : net
  }

  // Weights and statistics are compared together: a weight file has both.
  @Test("two ranks with half the batch give the weights and statistics of one with the whole", arguments: layers)
  func two(layers: String) throws {
    let training = try RankTraining(rows: 20)
    let alone = try training.alone(Self.settings, net: Self.net(training, batch: 8, layers), steps: 8)
    let half = Self.net(training, batch: 4, layers)
    let together = try training.together(2, Self.settings, net: half, steps: 8, syncBatchNorm: true)
    #expect(together[0] == together[1])
    #expect(largestDifference(together[0], alone) < Self.tolerance)
    let each = try training.together(2, Self.settings, net: half, steps: 8)
    #expect(largestDifference(each[0], alone) > 100 * Self.tolerance)
  }

  @Test("so do three ranks whose shares of the data are not alike, and several passes an iteration", arguments: [1, 2])
  func three(passes: Int) throws {
    let training = try RankTraining(rows: 17)
    let settings = "\(Self.settings) iter_size: \(passes)"
    let alone = try training.alone(settings, net: Self.net(training, batch: 6, Self.layers[0]), steps: 8)
    let net = Self.net(training, batch: 2, Self.layers[0])
    let together = try training.together(3, settings, net: net, steps: 8, syncBatchNorm: true)
    #expect(together[0] == together[1] && together[0] == together[2])
    #expect(largestDifference(together[0], alone) < Self.tolerance)
  }

  /// Keeps the items whose label is not 0, and adds up their losses.
  private static func filtered(_ training: RankTraining, batch: Int, lossWeight: Float) -> String {
    let filter = """
      layer { name: 'keep' type: 'Filter' bottom: 'ip1' bottom: 'label' top: 'kept' }
      layer { name: 'keep labels' type: 'Filter' bottom: 'label' bottom: 'label' top: 'kept_label' }
      layer { name: 'bn' type: 'BatchNorm' bottom: 'kept' top: 'kept' batch_norm_param { eps: 0.01 } }
      """
    return training.net(batch: batch, extra: filter).replacing("bottom: 'ip1' top: 'ip2'", with: "bottom: 'kept' top: 'ip2'")
      .replacing(
        "bottom: 'ip2' bottom: 'label' top: 'loss'",
        with: "bottom: 'ip2' bottom: 'kept_label' top: 'loss' loss_weight: \(lossWeight) loss_param { normalization: NONE }")
  }

  // Of 18 rows every third has label 0, and batches of 1 of three ranks are left empty again and again.
  @Test("ranks whose batch a Filter left empty take part, and counts may differ", arguments: [1, 2])
  func uneven(batch: Int) throws {
    let training = try RankTraining(rows: 18)
    let alone = try training.alone(
      Self.settings, net: Self.filtered(training, batch: 3 * batch, lossWeight: 1.0 / 3), steps: 8)
    let net = Self.filtered(training, batch: batch, lossWeight: 1)
    let together = try training.together(3, Self.settings, net: net, steps: 8, syncBatchNorm: true)
    #expect(together[0] == together[1] && together[0] == together[2])
    #expect(largestDifference(together[0], alone) < Self.tolerance)
  }

  @Test("tests and the record tell: each layer's sum once forward and once backward")
  func record() throws {
    let training = try RankTraining(rows: 20)
    let records = try ThreadRanks.run(2) { ranks in
      let solver = try training.solver(
        "max_iter: 3 test_iter: 3 test_interval: 1 test_initialization: false",
        net: Self.net(training, batch: 4, Self.layers[4]), name: "record", ranks: ranks, syncBatchNorm: true)
      try solver.step(3)
      return solver.statisticsRecord
    }.map { try $0.get() }
    for record in records {
      #expect(record?.sums == 3 * 2 * 2)
      #expect(record?.bytes == 3 * 2 * 2 * (2 * 8 + 1) * 8)
      #expect(record?.line.hasPrefix("BatchNorm over all ranks: 12 sums, 0.1 kB and ") == true)
    }
    let each = try training.solver("max_iter: 3", net: training.net(batch: 4), name: "one", syncBatchNorm: true)
    #expect(each.statisticsRecord == nil)
  }

  @Test("ranks that do not agree on it are told")
  func difference() throws {
    let training = try RankTraining(rows: 12)
    let results = ThreadRanks.run(2) { ranks in
      _ = try training.solver(
        "max_iter: 2", net: training.net(batch: 4), name: "differ", ranks: ranks, syncBatchNorm: !ranks.isFirst)
    }
    #expect(
      results[0].words == "rank 1 () has another source of BatchNorm's statistics than rank 0 (): \"the batches of all ranks\", "
        + "not \"the rank's batch\"")
  }

  // Two layers: sums 1 and 2 are those of the first forward pass, 3 and 4 of its backward pass.
  @Test("a sum that fails ends the training with its error, and no weight is changed by it", arguments: [0, 1, 2, 3, 6])
  func failure(sums: Int) throws {
    let training = try RankTraining(rows: 20)
    let net = Self.net(training, batch: 4, Self.layers[4])
    let iterations = Mutex<[Int: Int]>([:])
    let results = ThreadRanks.run(2) { ranks in
      let mine: any Communicator = ranks.isFirst ? ranks : LosingRank(ranks, after: sums)
      let solver = try training.solver("max_iter: 9", net: net, name: "fails", ranks: mine, syncBatchNorm: true)
      defer { iterations.withLock { $0[ranks.rank] = solver.iteration } }
      try solver.step(9)
    }
    #expect(results.map(\.words) == ["rank 1: the line is cut", "the line is cut"])
    #expect(iterations.withLock { $0 } == [0: sums / 4, 1: sums / 4])
  }

  // Only this rank looks for the place: sums it asked for would meet something else of the other's.
  @Test("a loss that is no number on one rank is still found where it began")
  func divergence() throws {
    let training = try RankTraining(rows: 12)
    let results = ThreadRanks.run(2) { ranks in
      let solver = try training.solver(
        "max_iter: 9", net: Self.net(training, batch: 4, Self.layers[0]), name: "nan", ranks: ranks, syncBatchNorm: true)
      solver.onStep = { step in
        guard ranks.rank == 1, step.iteration == 2 else { return }
        for trained in solver.net.session.weights.trained where trained.data.count == 24 { trained.data.update(repeating: 3e38) }
      }
      try solver.step(9)
    }
    #expect(results[1].words.contains("it began where layer \"ip2\" (InnerProduct) made blob \"ip2\""), "\(results[1].words)")
    #expect(results[0].words.hasPrefix("rank 1: iteration 2: the loss is "), "\(results[0].words)")
  }
}

extension Result {
  /// The error's, or that there is none.
  fileprivate var words: String { if case .failure(let error) = self { "\(error)" } else { "no error" } }
}

/// A rank whose sums of statistics fail after some.
// One thread uses it.
private final class LosingRank: Communicator, @unchecked Sendable {
  private let base: any Communicator
  private var left: Int

  init(_ base: any Communicator, after count: Int) { (self.base, left) = (base, count) }

  var rank: Int { base.rank }
  var size: Int { base.size }

  func startSum(_ values: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum { try base.startSum(values) }

  func startSum(_ values: UnsafeMutableBufferPointer<Double>) throws -> any PendingSum {
    guard left > 0 else { throw RankError("the line is cut") }
    left -= 1
    return try base.startSum(values)
  }

  func broadcast(_ bytes: UnsafeMutableRawBufferPointer) throws { try base.broadcast(bytes) }
  func maximum(_ values: [Int]) throws -> [Int] { try base.maximum(values) }
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]] { try base.gather(bytes) }
}
