import Foundation

/// A folder with a tiny net, removed with everything in it when the test ends.
final class Workplace {
  let path = FileManager.default.temporaryDirectory.appending(path: "caffe-command-\(UUID().uuidString)").path

  init() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write(Workplace.deployNet, to: "deploy.prototxt")
    try write(Workplace.trainNet, to: "net.prototxt")
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }

  func write(_ text: String, to name: String) throws {
    try text.write(toFile: file(name), atomically: false, encoding: .utf8)
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: file(name))) }

  func contains(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// Whether something the program writes before it is whole was left behind.
  var hasLeftovers: Bool {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).contains { $0.contains("partial") } }
  }

  /// The solver of the tiny net.
  func writeSolver(_ name: String, iterations: Int, snapshot: Int, prefix: String, display: Int = 5) throws {
    try write(
      """
      net: "net.prototxt"
      test_iter: 2
      test_interval: 5
      base_lr: 0.01
      momentum: 0.9
      lr_policy: "inv"
      gamma: 0.0001
      power: 0.75
      display: \(display)
      max_iter: \(iterations)
      snapshot: \(snapshot)
      snapshot_prefix: "\(prefix)"
      random_seed: 7
      solver_mode: CPU
      """, to: name)
  }

  /// Draws the digits the tiny net trains with.
  func drawDigits() throws -> Program.Outcome {
    try Program.run("data", "digits", "digits", "--train", "64", "--test", "32", "--samples", "1", in: self)
  }

  private static let layers = """
    layer { name: "ip1" type: "InnerProduct" bottom: "data" top: "ip1"
      inner_product_param { num_output: 16 weight_filler { type: "xavier" } } }
    layer { name: "relu1" type: "ReLU" bottom: "ip1" top: "ip1" }
    layer { name: "drop1" type: "Dropout" bottom: "ip1" top: "ip1" }
    layer { name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2"
      inner_product_param { num_output: 10 weight_filler { type: "xavier" } } }

    """

  private static let deployNet =
    """
    name: "tiny"
    layer { name: "data" type: "Input" top: "data" input_param { shape { dim: 2 dim: 1 dim: 28 dim: 28 } } }

    """ + layers + """
      layer { name: "prob" type: "Softmax" bottom: "ip2" top: "prob" }

      """

  private static let trainNet =
    """
    name: "tiny"
    layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TRAIN }
      transform_param { scale: 0.00390625 } data_param { source: "digits/train_lmdb" batch_size: 8 backend: LMDB } }
    layer { name: "digits" type: "Data" top: "data" top: "label" include { phase: TEST }
      transform_param { scale: 0.00390625 } data_param { source: "digits/test_lmdb" batch_size: 8 backend: LMDB } }

    """ + layers + """
      layer { name: "accuracy" type: "Accuracy" bottom: "ip2" bottom: "label" top: "accuracy" include { phase: TEST } }
      layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip2" bottom: "label" top: "loss" }

      """
}
