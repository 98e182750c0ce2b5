import Caffe
import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers
import CaffePlan
import CaffeTesting
import CaffeTraining

/// A training that Caffe itself ran, with every iteration's weights: a folder of `conformance/solvers`.
///
/// Its net reads an HDF5Data layer; here that layer becomes an Input layer which the test feeds with the same rows.
struct SolverCase {
  let folder: String
  let options: NetOptions

  init(_ name: String, engine: NetOptions.Engine) {
    folder = "\(Checkout().shared ?? "")/conformance/solvers/\(name)"
    var options = NetOptions()
    options.engine = engine
    options.threads = 2
    self.options = options
  }

  /// The solver, from Caffe's starting weights or from one of its snapshots.
  func solver(resuming state: SolverState? = nil) throws -> Solver {
    let text = String(decoding: try SourceFile(path: "\(folder)/solver.prototxt").bytes, as: UTF8.self)
    let definition = try SolverDefinition(
      SourceFile(name: "solver.prototxt", text: text), schema: LayerRegistry.standard.schema)
    let weights = try WeightSet.load(path: state == nil ? "\(folder)/init.caffemodel" : "\(folder)/snap_iter_5.caffemodel")
    let solver = try Solver(definition, workshop: CaseWorkshop(self, weights: weights), startingAt: state?.iteration ?? 0)
    if let state { try solver.restore(state) }
    return solver
  }

  /// The net with Input layers of the batch's shape.
  func net() throws -> NetDefinition {
    let text = String(decoding: try SourceFile(path: "\(folder)/net.prototxt").bytes, as: UTF8.self)
    let lines = text.split(separator: "\n").filter { !$0.contains("HDF5Data") }
    let input = """
      layer { name: "data" type: "Input" top: "x" top: "label"
        input_param { shape { dim: 4 dim: 2 dim: 6 dim: 6 } shape { dim: 4 } } }
      """
    let joined = ([String(lines[0]), input] + lines.dropFirst().map(String.init)).joined(separator: "\n")
    return try NetDefinition(SourceFile(name: "net.prototxt", text: joined), schema: LayerRegistry.standard.schema)
  }

  /// The largest difference from Caffe's weights after an iteration, over what the tolerance allows; above 1 is wrong.
  func error(of solver: Solver, after iteration: Int) throws -> Double {
    let expected = try HDF5Reader(path: "\(folder)/expected.h5")
    var worst = 0.0
    for layer in try solver.net.session.weights.weightSet().layers {
      for (index, blob) in layer.blobs.enumerated() {
        let wanted = try expected.tensor("iter_\(iteration)/\(layer.name)/\(index)").values
        let scale = 1e-4 + 1e-3 * Double(wanted.map(abs).max() ?? 0)
        for (value, want) in zip(blob.data.floats, wanted) { worst = max(worst, abs(Double(value - want)) / scale) }
      }
    }
    return worst
  }
}

/// Builds the case's net and feeds it the rows of data.h5 in order, over and over.
private struct CaseWorkshop: SolverWorkshop {
  let test: SolverCase
  let weights: WeightSet

  init(_ test: SolverCase, weights: WeightSet) {
    self.test = test
    self.weights = weights
  }

  func build(_ source: SolverDefinition.NetSource, state: NetRole, startingAt iteration: Int) throws -> SolverNet {
    let graph = try NetGraph(try test.net(), state: state.state, registry: .standard)
    let shaped = try ShapedGraph(graph, registry: .standard)
    var values = ParameterValues(shaped, seed: 1)
    try values.copy(from: weights)
    let plan = try Planner.plan(
      Program(shaped, purpose: .training), backends: try test.options.backends(),
      options: PlanOptions(threads: test.options.threads))
    let session = try Session(try ResidentWeights(plan, provider: values.write))
    return SolverNet(session: session, feed: try RowFeed(path: "\(test.folder)/data.h5", batch: 4, startingAt: iteration))
  }
}

private final class RowFeed: DataFeed {
  private let data: Tensor
  private let labels: Tensor
  private let batch: Int
  private var row: Int

  init(path: String, batch: Int, startingAt iteration: Int) throws {
    let file = try HDF5Reader(path: path)
    data = try file.tensor("x")
    labels = try file.tensor("label")
    self.batch = batch
    row = iteration * batch
  }

  func fill(_ session: Session) throws {
    let rows = labels.shape.count
    let size = data.shape.count / rows
    let picked = (0..<batch).map { (row + $0) % rows }
    row += batch
    let values = picked.flatMap { data.values[$0 * size..<($0 + 1) * size] }
    try session.setInput("x", try Tensor([batch, 2, 6, 6], values: values))
    try session.setInput("label", try Tensor([batch], values: picked.map { labels[$0] }))
  }

  var secondsWaited: Double { 0 }
}
