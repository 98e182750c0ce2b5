import Caffe
import CaffeCore
import CaffeFormat
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

@Suite("OpenCV's own reader of Caffe's files", .enabled(if: Python.isPresent, "\(Python.reason)"))
struct OpenCVTests {
  private static let checkout = Checkout().path

  /// LeNet's layers over made-up data.
  private static func trainingNet() throws -> String {
    let text = try String(contentsOfFile: checkout + "/models/lenet/train_val.prototxt", encoding: .utf8)
    let data = """
      layer {
        name: "mnist" type: "DummyData" top: "data" top: "label"
        dummy_data_param {
          shape { dim: 8 dim: 1 dim: 28 dim: 28 } shape { dim: 8 }
          data_filler { type: "uniform" min: 0 max: 1 } data_filler { value: 3 }
        }
      }

      """
    let start = try #require(text.range(of: "layer {\n  name: \"conv1\""))
    return "name: \"LeNet\"\n" + data + text[start.lowerBound...]
  }

  private static func snapshot(in folder: TemporaryFolder) throws -> String {
    try Data(try trainingNet().utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    let solver =
      "net: 'net.prototxt' base_lr: 0.01 lr_policy: 'fixed' momentum: 0.9 max_iter: 3 random_seed: 5 "
      + "snapshot_prefix: '\(folder.file("lenet"))'"
    try Data(solver.utf8).write(to: URL(filePath: folder.file("solver.prototxt")))
    try Training(solver: folder.file("solver.prototxt")).prepare().solve()
    return folder.file("lenet_iter_3.caffemodel")
  }

  private static func array(_ path: String) throws -> [Float] {
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let header = 10 + Int(bytes[8]) + Int(bytes[9]) << 8
    return bytes[header...].withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }

  @Test("reads a snapshot of ours and computes what we compute from it")
  func interoperates() throws {
    let folder = try TemporaryFolder()
    let (weights, deploy) = (try Self.snapshot(in: folder), Self.checkout + "/models/lenet/deploy.prototxt")
    let input = SampleValues.uniform(0...1).tensor([2, 1, 28, 28], RandomStream(seed: 3, path: 0))
    let code = "import numpy, sys; numpy.save(sys.argv[2], numpy.fromfile(sys.argv[1], 'f4').reshape(2, 1, 28, 28))"
    try input.values.withUnsafeBytes { Data($0) }.write(to: URL(filePath: folder.file("input")))
    try Python.run("-c", code, folder.file("input"), folder.file("input.npy"))
    try Python.run(
      Self.checkout + "/scripts/opencv-check.py", deploy, weights, folder.file("input.npy"), folder.file("output.npy"))
    let ours = try #require(try Net(prototxt: deploy, weights: weights).forward(["data": input])["prob"])
    let theirs = try Tensor([2, 10], values: try Self.array(folder.file("output.npy")))
    #expect(Tolerance(absolute: 1e-4, relative: 0).mismatch(ours, theirs) == nil)
  }
}
