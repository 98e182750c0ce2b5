import CaffePlan
import CaffeTraining

extension SolverNet {
  /// Sees to it that data layers fill all inputs of the net: an Input layer holds what the program around the net gives it, and a
  /// net that runs by itself would take zeros for data.
  ///
  /// - Throws: `RunError` that names the input.
  public func checkInputsAreFilled() throws(RunError) {
    guard let node = session.plan.graph.nodes.first(where: { $0.role == .input }), let top = node.definition.tops.first else {
      return
    }
    throw RunError(
      "nothing fills the input \"\(top.name)\" of \(node.definition.title); put a layer in its place that reads the data, "
        + "as \(DataLayerFeed.types.joined(separator: ", "))")
  }
}
