import Caffe
import CaffeFormat
import CaffeTraining
import Foundation
import Testing

@Suite("A resumed training")
struct ResumeTests {
  /// A recurrent net that remembers from batch to batch, on rows that are shuffled anew in each epoch.
  private static let net = """
    name: 'small'
    layer {
      name: 'rows' type: 'HDF5Data' top: 'x' top: 'label'
      hdf5_data_param { source: 'list.txt' batch_size: 3 shuffle: true }
    }
    layer {
      name: 'cont' type: 'DummyData' top: 'cont'
      dummy_data_param { shape { dim: 3 dim: 1 } data_filler { value: 1 } }
    }
    layer { name: 'line' type: 'Reshape' bottom: 'x' top: 'line' reshape_param { shape { dim: 3 dim: 1 dim: 4 } } }
    layer {
      name: 'lstm' type: 'LSTM' bottom: 'line' bottom: 'cont' top: 'lstm'
      recurrent_param { num_output: 5 weight_filler { type: 'uniform' min: -0.5 max: 0.5 } }
    }
    layer { name: 'drop' type: 'Dropout' bottom: 'lstm' top: 'drop' include { phase: TRAIN } }
    layer { name: 'same' type: 'Power' bottom: 'lstm' top: 'drop' include { phase: TEST } }
    layer {
      name: 'fc' type: 'InnerProduct' bottom: 'drop' top: 'fc'
      inner_product_param { num_output: 2 axis: 2 weight_filler { type: 'xavier' } }
    }
    layer { name: 'flat' type: 'Reshape' bottom: 'fc' top: 'flat' reshape_param { shape { dim: 3 dim: 2 } } }
    layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'flat' bottom: 'label' top: 'loss' }

    """
  private static let settings =
    "max_iter: 16 snapshot: 5 display: 1 average_loss: 4 iter_size: 2 test_iter: 2 test_interval: 2 snapshot_after_train: true"

  private func training() throws -> SmallTraining {
    let training = try SmallTraining()
    try training.write("rows.h5\n", to: "list.txt")
    try RowFile.write(rows: 7, width: 4, classes: 2, to: training.folder.file("rows.h5"))
    return training
  }

  /// The log without what time or files tell.
  private func said(_ training: SmallTraining, from iteration: Int) -> [String] {
    let start = training.lines.lastIndex {
      $0.hasPrefix("Iteration \(iteration), Testing") || $0.hasPrefix("Iteration \(iteration) (")
    }
    return training.lines[(start ?? 0)...].filter { !$0.hasPrefix("Snapshotting") && !$0.hasPrefix("There is no") }.map {
      $0.replacing(#/ \(.* iters\)/#, with: "")
    }
  }

  @Test("has data, memory, losses and tests go on where they stood", arguments: [5, 10, 15])
  func everything(iteration: Int) throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    let (unbroken, words) = (try training.bytes("small_iter_16.caffemodel"), said(training, from: iteration))
    try training.solver(Self.settings, net: Self.net, from: "small_iter_\(iteration).solverstate").solve()
    #expect(try training.bytes("small_iter_16.caffemodel") == unbroken)
    #expect(said(training, from: iteration) == words)
    #expect(words.count > 3)
  }

  @Test("warns of memory that snapshots do not keep, where any are written")
  func forgetful() throws {
    let net = """
      layer { name: 'data' type: 'DummyData' top: 'x' top: 'keep' top: 'cont' top: 'y' dummy_data_param {
        shape { dim: [2, 3, 4] } shape { dim: 2 } shape { dim: [2, 3] } shape { dim: [2, 3, 4] } } }
      layer { name: 'pick' type: 'Filter' bottom: 'x' bottom: 'cont' bottom: 'keep' top: 'picked' top: 'going' }
      layer { name: 'late' type: 'LSTM' bottom: 'picked' bottom: 'going' top: 'h'
        recurrent_param { num_output: 4 weight_filler { type: 'xavier' } } }
      layer { name: 'loss' type: 'EuclideanLoss' bottom: 'h' bottom: 'y' top: 'loss' }
      """
    let training = try SmallTraining()
    _ = try training.solver("max_iter: 1", net: net)
    #expect(
      training.preparation.contains(
        "What layer \"late\" remembers of earlier batches is not kept in snapshots, as shapes before it depend on values: a "
          + "training that goes on from one is not exactly the unbroken one."))
    _ = try training.solver("max_iter: 1 snapshot_after_train: false", net: net)
    #expect(!training.preparation.contains { $0.hasPrefix("What layer") })
    _ = try training.solver("max_iter: 1")
    #expect(!training.preparation.contains { $0.hasPrefix("What layer") })
  }

  @Test("makes a test again in whose middle it was taken or stopped", arguments: [Solver.Action.snapshot, .stop])
  func withinTest(action: Solver.Action) throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    let (unbroken, words) = (try training.bytes("small_iter_16.caffemodel"), said(training, from: 4))
    let solver = try training.solver(Self.settings, net: Self.net)
    var asked = 0
    solver.requestedAction = { [unowned solver] in
      // At iteration 4 it is asked after the update, and before each of the two batches of the test.
      if solver.iteration == 4 { asked += 1 }
      return asked == 3 && solver.iteration == 4 ? action : .none
    }
    try solver.solve()
    try training.solver(Self.settings, net: Self.net, from: "small_iter_4.solverstate").solve()
    #expect(said(training, from: 4) == words)
    #expect(try training.bytes("small_iter_16.caffemodel") == unbroken)
  }

  @Test("keeps the seed it began with")
  func seed() throws {
    let training = try training()
    let settings = Self.settings.replacing("max_iter", with: "random_seed: 11 max_iter")
    try training.solver(settings, net: Self.net).solve()
    let unbroken = try training.bytes("small_iter_16.caffemodel")
    let other = Self.settings.replacing("max_iter", with: "random_seed: 12 max_iter")
    try training.solver(other, net: Self.net, from: "small_iter_10.solverstate").solve()
    #expect(try training.bytes("small_iter_16.caffemodel") == unbroken)
  }

  @Test("without a resume file says so, and begins its data where the iteration says")
  func withoutFile() throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    try training.remove("small_iter_5.resume")
    let solver = try training.solver(Self.settings, net: Self.net, from: "small_iter_5.solverstate")
    #expect(
      training.preparation.contains { $0.hasSuffix("small_iter_5.resume: the data go on at iteration 5, the rest begins anew.") })
    try solver.solve()
    #expect(solver.iteration == 16)
  }

  @Test("refuses a resume file of another snapshot, or one that is none")
  func wrongFile() throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    try training.write("nonsense", to: "small_iter_10.resume")
    #expect(throws: (any Error).self) {
      try training.solver(Self.settings, net: Self.net, from: "small_iter_10.solverstate")
    }
    let other = try training.bytes("small_iter_5.resume")
    try other.write(to: URL(filePath: training.folder.file("small_iter_15.resume")))
    let error = #expect(throws: SolverError.self) {
      try training.solver(Self.settings, net: Self.net, from: "small_iter_15.solverstate")
    }
    #expect(error?.description.contains("is of iteration 5, the solver state of 15") == true)
  }

  @Test("refuses numbers that no training reaches", arguments: [Int.max, -1, (1 << 62) + 1])
  func hostileCounts(count: Int) throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    let path = training.folder.file("small_iter_5.resume")
    let good = try ResumeState.read(path: path)
    var states = [good, good, good]
    states[0].nets[0].passes = count
    states[1].nets[0].sources[0].position = count
    states[2].plateau = ResumeState.Plateau()
    states[2].plateau?.lastEvent = count
    for state in states {
      try state.write(path: path)
      #expect(throws: BlobError.self) { try training.solver(Self.settings, net: Self.net, from: "small_iter_5.solverstate") }
    }
  }

  @Test("without a resume file keeps a plateau's steps, and waits anew")
  func plateauSteps() throws {
    let training = try SmallTraining()
    let settings = "max_iter: 24 snapshot: 16 display: 1 lr_policy: 'plateau' gamma: 0.5 plateau_winsize: 1 plateau_winsize: 100"
    try training.solver(settings).solve()
    let rates = training.lines.filter { $0.contains("lr = ") }
    #expect(rates[16].hasSuffix("lr = 0.025"), "\(rates)")
    try training.remove("small_iter_16.resume")
    try training.solver(settings, from: "small_iter_16.solverstate").solve()
    #expect(training.lines.first { $0.contains("lr = ") } == rates[16])
  }

  @Test("takes the mean of fewer losses when average_loss is made smaller")
  func smallerMean() throws {
    let training = try training()
    try training.solver(Self.settings, net: Self.net).solve()
    try training.solver(
      Self.settings.replacing("average_loss: 4", with: "average_loss: 1"), net: Self.net, from: "small_iter_10.solverstate"
    ).solve()
    let own = training.lines.filter { $0.hasPrefix("    Train net output #0: loss = ") }
    let shown = training.lines.filter { $0.contains(" iters), loss = ") }
    #expect(own.count == 6 && shown.count == 6)
    // iter_size is 2: the loss is a mean of two passes, the output is of the second.
    #expect(Set(shown.map { $0.split(separator: "=").last }).count == 6)
  }

  @Test("goes on with a plateau's wait", arguments: [4, 8, 12])
  func plateau(iteration: Int) throws {
    let training = try SmallTraining()
    let settings =
      "max_iter: 16 snapshot: 4 display: 1 lr_policy: 'plateau' gamma: 0.5 plateau_winsize: 2 plateau_winsize: 3 plateau_winsize: 2"
    try training.solver(settings).solve()
    let unbroken = try training.bytes("small_iter_16.caffemodel")
    let rates = training.lines.filter { $0.contains("lr = ") }
    try training.solver(settings, from: "small_iter_\(iteration).solverstate").solve()
    #expect(try training.bytes("small_iter_16.caffemodel") == unbroken)
    #expect(training.lines.filter { $0.contains("lr = ") } == Array(rates.dropFirst(iteration)))
    #expect(Set(rates.compactMap { $0.split(separator: " ").last }).count > 1, "the rate never fell: \(rates)")
  }
}
