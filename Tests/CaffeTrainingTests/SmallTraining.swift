import Caffe
import CaffeTesting
import CaffeTraining
import Foundation
import Synchronization

/// A small net with dropout that learns from made-up data, in a folder of its own.
final class SmallTraining {
  let folder: TemporaryFolder
  private(set) var lines: [String] = []
  /// What was said before the training began.
  private(set) var preparation: [String] = []

  init() throws { folder = try TemporaryFolder() }

  static let net = """
    name: 'small'
    layer {
      name: 'data' type: 'DummyData' top: 'x' top: 'label'
      dummy_data_param {
        shape { dim: 6 dim: 2 dim: 6 dim: 6 } shape { dim: 6 } data_filler { type: 'FILLER' value: 0.5 } data_filler { value: 1 }
      }
    }
    layer {
      name: 'conv' type: 'Convolution' bottom: 'x' top: 'conv'
      convolution_param { num_output: 12 kernel_size: 3 weight_filler { type: 'xavier' } }
    }
    layer { name: 'relu' type: 'ReLU' bottom: 'conv' top: 'conv' }
    layer { name: 'drop' type: 'Dropout' bottom: 'conv' top: 'conv' include { phase: TRAIN not_stage: 'plain' } }
    layer {
      name: 'fc' type: 'InnerProduct' bottom: 'conv' top: 'fc'
      inner_product_param { num_output: 3 weight_filler { type: 'xavier' } }
    }
    layer { name: 'acc' type: 'Accuracy' bottom: 'fc' bottom: 'label' top: 'accuracy' include { phase: TEST } }
    layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'fc' bottom: 'label' top: 'loss' }

    """

  /// The solver of the training, ready to go.
  ///
  /// - Parameters:
  ///   - settings: what the solver's file says beside net, rate and seed; policy and prefix replace the usual ones.
  ///   - net: another net than the usual one.
  ///   - data: the filler of the usual net's data.
  ///   - snapshot: a solver state in the folder to go on from.
  func solver(
    _ settings: String, net: String = SmallTraining.net, data: String = "gaussian", from snapshot: String? = nil
  ) throws -> Solver {
    try write(net.replacing("FILLER", with: data), to: "net.prototxt")
    let policy = settings.contains("lr_policy") ? "" : "lr_policy: 'fixed'"
    let prefix = settings.contains("snapshot_prefix") ? "" : "snapshot_prefix: '\(folder.file("small"))'"
    let seed = settings.contains("random_seed") ? "" : "random_seed: 3"
    try write("net: 'net.prototxt' base_lr: 0.05 \(seed) \(policy) \(prefix) \(settings)", to: "solver.prototxt")
    var training = Training(solver: folder.file("solver.prototxt"))
    training.options.threads = 2
    training.snapshot = snapshot.map(folder.file)
    let said = Mutex<[String]>([])
    training.log = { line in said.withLock { $0.append(line) } }
    let solver = try training.prepare()
    (preparation, lines) = (said.withLock { $0 }, [])
    solver.log = { [unowned self] in lines.append($0) }
    return solver
  }

  func write(_ text: String, to name: String) throws { try Data(text.utf8).write(to: URL(filePath: folder.file(name))) }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: folder.file(name))) }

  func remove(_ name: String) throws { try FileManager.default.removeItem(atPath: folder.file(name)) }

  /// The names of the files a training left.
  var files: [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return names.filter { !$0.hasSuffix(".prototxt") }.sorted()
  }
}
