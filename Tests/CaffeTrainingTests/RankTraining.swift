import Caffe
import CaffeTesting
import CaffeTraining
import Foundation

/// A small net that learns from rows, on any number of ranks, in a folder of its own.
struct RankTraining: Sendable {
  let folder: TemporaryFolder

  /// - Parameter rows: what there is to learn from.
  init(rows: Int) throws {
    folder = try TemporaryFolder()
    try RowFile.write(rows: rows, width: 12, classes: 3, to: folder.file("rows.h5"))
    try write(folder.file("rows.h5"), to: "rows.txt")
  }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: folder.file(name))) }

  /// - Parameters:
  ///   - batch: of each rank.
  ///   - extra: layers between the two that learn, from "ip1" to "ip1".
  func net(batch: Int, extra: String = "", shuffle: Bool = true) -> String {
    """
    name: 'ranks'
    layer { name: 'rows' type: 'HDF5Data' top: 'x' top: 'label' include { phase: TRAIN }
      hdf5_data_param { source: '\(folder.file("rows.txt"))' batch_size: \(batch) shuffle: \(shuffle) } }
    layer { name: 'rows' type: 'HDF5Data' top: 'x' top: 'label' include { phase: TEST }
      hdf5_data_param { source: '\(folder.file("rows.txt"))' batch_size: 4 } }
    layer { name: 'ip1' type: 'InnerProduct' bottom: 'x' top: 'ip1' param { lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
      inner_product_param { num_output: 8 weight_filler { type: 'xavier' } } }
    layer { name: 'relu' type: 'ReLU' bottom: 'ip1' top: 'ip1' }
    \(extra)
    layer { name: 'ip2' type: 'InnerProduct' bottom: 'ip1' top: 'ip2'
      inner_product_param { num_output: 3 weight_filler { type: 'xavier' } } }
    layer { name: 'accuracy' type: 'Accuracy' bottom: 'ip2' bottom: 'label' top: 'accuracy' include { phase: TEST } }
    layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'ip2' bottom: 'label' top: 'loss' }

    """
  }

  /// A solver for one rank's process.
  func solver(
    _ settings: String, net: String, name: String, from snapshot: String? = nil, ranks: (any Communicator)? = nil,
    syncBatchNorm: Bool = false
  ) throws -> Solver {
    // A folder for each rank, as on hosts of their own: the solver names its net in the same way everywhere.
    let name = "\(name)_\(ranks?.rank ?? 0)_of_\(ranks?.size ?? 1)"
    try FileManager.default.createDirectory(atPath: folder.file(name), withIntermediateDirectories: true)
    try write(net, to: "\(name)/net.prototxt")
    try write(
      "net: 'net.prototxt' base_lr: 0.05 lr_policy: 'step' gamma: 0.5 stepsize: 4 random_seed: 11 \(settings)",
      to: "\(name)/solver.prototxt")
    var training = Training(solver: folder.file("\(name)/solver.prototxt"))
    training.options.threads = 1
    training.options.engine = .reference
    training.snapshot = snapshot.map(folder.file)
    training.ranks = ranks
    training.syncBatchNorm = syncBatchNorm
    return try training.prepare()
  }

  /// The weights of a solver's net.
  static func weights(_ solver: Solver) throws -> [Float] {
    try solver.net.session.weights.weightSet().layers.flatMap { $0.blobs.flatMap(\.tensor.values) }
  }

  /// The weights that one process has after some steps.
  func alone(_ settings: String, net: String, steps: Int) throws -> [Float] {
    let solver = try solver(settings, net: net, name: "alone")
    try solver.step(steps)
    return try Self.weights(solver)
  }

  /// The weights that each rank has after some steps.
  func together(_ size: Int, _ settings: String, net: String, steps: Int, syncBatchNorm: Bool = false) throws -> [[Float]] {
    try ThreadRanks.run(size) { ranks in
      let solver = try solver(settings, net: net, name: "together", ranks: ranks, syncBatchNorm: syncBatchNorm)
      try solver.step(steps)
      return try Self.weights(solver)
    }.map { try $0.get() }
  }
}

/// The largest difference of two lists, in terms of the larger of 1 and the number itself.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  left.count == right.count ? zip(left, right).map { abs($0 - $1) / max(1, abs($0)) }.max() ?? 0 : .infinity
}
