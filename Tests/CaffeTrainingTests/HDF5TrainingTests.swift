import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers
import CaffeTesting
import CaffeTraining
import Foundation
import Testing

@Suite("Training on HDF5 files")
struct HDF5TrainingTests {
  /// A shared case with its own net and files, through the same door as `caffe train`.
  private static func solver(_ name: String, shared: String, startingAt iteration: Int = 0) throws -> Solver {
    let folder = "\(shared)/conformance/solvers/\(name)"
    let start = iteration == 0 ? "init" : "snap_iter_\(iteration)"
    let text = try String(contentsOfFile: "\(folder)/solver.prototxt", encoding: .utf8)
    let definition = try SolverDefinition(
      SourceFile(name: "\(folder)/solver.prototxt", text: text.replacing("snapshot: 5", with: "snapshot: 0")),
      schema: LayerRegistry.standard.schema)
    let workshop = NetWorkshop(
      file: "\(folder)/solver.prototxt", weights: [try WeightSet.read(path: "\(folder)/\(start).caffemodel")])
    return try Solver(definition, workshop: workshop, startingAt: iteration)
  }

  @Test(
    "gives Caffe's weights from the files that the net names",
    .enabled(if: Checkout().shared != nil, "\(Checkout.sharedReason)"),
    arguments: ["sgd_plain", "sgd_iter_size", "adam"], [0, 5])
  func conformance(name: String, start: Int) throws {
    let shared = try #require(Checkout().shared)
    let solver = try Self.solver(name, shared: shared, startingAt: start)
    if start > 0 {
      let folder = "\(shared)/conformance/solvers/\(name)"
      try solver.restore(try SolverState.load(path: "\(folder)/snap_iter_\(start).solverstate"))
    }
    try solver.step(10 - start)
    let expected = try HDF5Reader(path: "\(shared)/conformance/solvers/\(name)/expected.h5")
    for layer in try solver.net.session.weights.weightSet().layers {
      for (index, blob) in layer.blobs.enumerated() {
        let place = "iter_10/\(layer.name)/\(index)"
        #expect(Tolerance(absolute: 1e-5).mismatch(blob.tensor, try expected.tensor(place)) == nil, "\(place)")
      }
    }
  }

  @Test("other kinds of sources are named when the net is to run")
  func otherSources() throws {
    let folder = try TemporaryFolder()
    let net = """
      layer { name: 'pictures' type: 'DenseImageData' top: 'x' top: 'label'
        dense_image_data_param { source: 'list.txt' batch_size: 2 new_height: 8 new_width: 8 } }
      layer { name: 'fc' type: 'InnerProduct' bottom: 'x' top: 'y' inner_product_param { num_output: 3 } }
      """
    try Data(net.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    var workshop = NetWorkshop(file: folder.file("net.prototxt"))
    let error = #expect(throws: (any Error).self) {
      _ = try workshop.build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference)
    }
    let text =
      "layer \"pictures\": data of DenseImageData layers is not read here yet; "
      + "use Data, ImageData, WindowData, MemoryData or HDF5Data layers"
    #expect(error.map { "\($0)" } == text)
    workshop.toleratesMissingData = true
    #expect(try workshop.build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference).feed == nil)
  }

  @Test("a file that is missing is named with the layer")
  func missing() throws {
    let folder = try TemporaryFolder()
    let net = "layer { name: 'rows' type: 'HDF5Data' top: 'x' hdf5_data_param { source: 'none.txt' batch_size: 2 } }"
    try Data(net.utf8).write(to: URL(filePath: folder.file("net.prototxt")))
    let error = #expect(throws: (any Error).self) {
      let workshop = NetWorkshop(file: folder.file("net.prototxt"))
      _ = try workshop.build(net: folder.file("net.prototxt"), phase: .TEST, purpose: .inference)
    }
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("rows") && text.contains("none.txt: cannot open the file"), "\(text)")
  }
}
