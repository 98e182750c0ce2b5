import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTraining

/// Feeds the rows of two tensors in order, from the first again after the last.
final class RowSequence: DataFeed {
  private let data, labels: Tensor
  private let batch: Int
  private var next: Int

  init(_ data: Tensor, _ labels: Tensor, batch: Int, startingAt row: Int) {
    (self.data, self.labels, self.batch) = (data, labels, batch)
    next = row % data.shape[0]
  }

  let secondsWaited = 0.0
  let positions: [(layer: String, position: Int)] = []

  func fill(_ session: Session) throws {
    let rows = (0..<batch).map { (next + $0) % data.shape[0] }
    next = (next + batch) % data.shape[0]
    for (name, tensor) in [("x", data), ("label", labels)] {
      let size = tensor.shape.count(from: 1)
      let values = rows.flatMap { tensor.values[$0 * size..<($0 + 1) * size] }
      try session.setInput(name, try Tensor(tensor.shape.replacing(axis: 0, with: batch), values: values))
    }
  }
}

/// Builds one net from text, whatever the solver's file says, with stored weights and rows to learn from.
struct RowWorkshop: SolverWorkshop {
  let net: String
  let weights: WeightSet
  let data, labels: Tensor
  let batch: Int
  let backends: [any Backend]

  func build(_ source: SolverDefinition.NetSource, state: NetRole, startingAt start: DataStart) throws -> SolverNet {
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: net), schema: LayerRegistry.standard.schema)
    let shapes = ["x": data.shape.replacing(axis: 0, with: batch), "label": Shape([batch])]
    let graph = try NetGraph(definition, state: state.state, registry: .standard)
    let shaped = try ShapedGraph(graph, registry: .standard, inputs: shapes)
    var values = ParameterValues(shaped, seed: 0)
    try values.copy(from: weights)
    let plan = try Planner.plan(Program(shaped, purpose: .training), backends: backends, options: PlanOptions(threads: 2))
    let session = try Session(try ResidentWeights(plan, provider: values.write))
    return SolverNet(session: session, feed: RowSequence(data, labels, batch: batch, startingAt: start.passes * batch))
  }
}
