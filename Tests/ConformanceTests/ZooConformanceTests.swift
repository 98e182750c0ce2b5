import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers
import CaffePlan
import CaffeTesting
import Foundation
import Testing

@Suite(
  "The four reference nets compute what Caffe computes", .serialized,
  .enabled(if: Conformance.folder != nil, "\(Checkout.sharedReason)"), .enabled(if: Python.isPresent, "\(Python.reason)"))
struct ZooConformanceTests {
  private static let names = ["bvlc_alexnet", "bvlc_googlenet", "bvlc_reference_caffenet", "bvlc_reference_rcnn_ilsvrc13"]

  @Test("from both layouts of the weights' file, on either backend, with all passes and with none", arguments: names)
  func net(name: String) throws {
    let folder = try TemporaryFolder()
    let reference = try ZooCase(name, folder)
    try Python.run(ZooCase.script, name, folder.file("old"), "--v1")
    try Python.run(ZooCase.script, name, folder.file("new"))
    #expect(try Self.sameWeights(folder.file("old"), folder.file("new")))
    for setting in Conformance.Setting.few {
      #expect(
        try reference.differences(setting, weights: folder.file("new"), everyBlob: true) == [], "\(setting.testDescription)")
      guard setting.without.isEmpty else { continue }
      #expect(
        try reference.differences(setting, weights: folder.file("old"), everyBlob: false) == [], "\(setting.testDescription)")
    }
  }

  private static func sameWeights(_ old: String, _ new: String) throws -> Bool {
    let (old, new) = (try WeightSet.read(path: old), try WeightSet.read(path: new))
    return !new.layers.isEmpty && old.layers.filter { !$0.blobs.isEmpty }.map(\.name) == new.layers.map(\.name)
      && new.layers.allSatisfy { layer in
        guard let blobs = old[layer.name], blobs.count == layer.blobs.count else { return false }
        return zip(blobs, layer.blobs).allSatisfy { $0.fits($1.shape) && $0.data == $1.data }
      }
  }
}

/// One of the reference nets with the input that Caffe had.
private struct ZooCase {
  static let folder = (Conformance.folder ?? "") + "/zoo"
  static let script = folder + "/make_weights.py"
  private static let head = 16

  private let expected: HDF5Reader
  private let prototxt: String
  private let input: Tensor

  init(_ name: String, _ folder: TemporaryFolder) throws {
    expected = try HDF5Reader(path: "\(Self.folder)/\(name).h5")
    prototxt = "\(Checkout().path)/models/\(name)/deploy.prototxt"
    let shape = Shape(try expected.tensor("shape/data").values.map { Int($0) })
    let code =
      "import numpy, sys; shape = [int(d) for d in sys.argv[2:]]; "
      + "(numpy.random.RandomState(11).rand(*shape)*250-120).astype(numpy.float32).tofile(sys.argv[1])"
    try Python.run("-c", code, folder.file("input"), "\(shape[0])", "\(shape[1])", "\(shape[2])", "\(shape[3])")
    let bytes = try Data(contentsOf: URL(filePath: folder.file("input")))
    input = Tensor(shape) { buffer in _ = bytes.copyBytes(to: buffer) }
  }

  /// What differs: of every blob its shape, its statistics and the first values of each item, and of outputs all.
  func differences(_ setting: Conformance.Setting, weights: String, everyBlob: Bool) throws -> [String] {
    let session = try session(setting, weights: weights, everyBlob: everyBlob)
    try session.setInput("data", input)
    try session.forward()
    let outputs = try expected.datasets(under: "output").flatMap { name in
      try compare(session.output(name), name, "output", whole: try expected.tensor("output/\(name)"))
    }
    guard everyBlob else { return outputs }
    return try outputs + expected.datasets(under: "stats").flatMap { try compareSummary(session.output($0), $0) }
  }

  private func session(_ setting: Conformance.Setting, weights: String, everyBlob: Bool) throws -> Session {
    let definition = try NetDefinition(path: prototxt, registry: .standard)
    let net = try NetGraph(definition, state: NetState(phase: .TEST), registry: .standard)
    let graph = try ShapedGraph(net, registry: .standard, inputs: ["data": input.shape])
    var values = ParameterValues(graph, seed: 0)
    try values.copy(from: try WeightSet.read(path: weights))
    let program = Program(graph, purpose: .inference, observing: everyBlob ? nil : [])
    let options = PlanOptions(threads: 2, withoutPasses: setting.without)
    let plan = try Planner.plan(program, backends: try setting.options.backends(), options: options)
    return try Session(try ResidentWeights(plan, provider: values.write))
  }

  private func compare(_ actual: Tensor?, _ name: String, _ what: String, whole: Tensor) throws -> [String] {
    Tolerance().mismatch(actual, whole).map { ["\(what) of \(name) \($0)"] } ?? []
  }

  private func compareSummary(_ actual: Tensor?, _ name: String) throws -> [String] {
    guard let actual else { return ["blob \(name) is missing"] }
    let shape = try expected.tensor("shape/\(name)").values.map { Int($0) }
    guard actual.shape.dims == shape else { return ["blob \(name) has shape \(actual.shape) instead of \(Shape(shape))"] }
    let (head, stats) = (try expected.tensor("head/\(name)"), try expected.tensor("stats/\(name)"))
    return try compare(try Self.head(of: actual, like: head.shape), name, "head", whole: head)
      + compare(Self.statistics(of: actual), name, "mean, deviation and largest value", whole: stats)
  }

  private static func head(of tensor: Tensor, like shape: Shape) throws -> Tensor {
    let perItem = tensor.shape.count(from: 1)
    return try Tensor(shape, values: (0..<tensor.shape[0]).flatMap { tensor.values[$0 * perItem..<$0 * perItem + shape[1]] })
  }

  private static func statistics(of tensor: Tensor) -> Tensor {
    let count = Double(tensor.shape.count)
    let mean = tensor.values.reduce(0.0) { $0 + Double($1) } / count
    let variance = tensor.values.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let largest = tensor.values.reduce(Float(0)) { max($0, abs($1)) }
    return Tensor([3]) { buffer in _ = buffer.update(from: [Float(mean), Float(variance.squareRoot()), largest]) }
  }
}
