import CaffeCore
import CaffeGraph
import CaffePlan

/// The stages of a net as text, for `caffe plan`.
public enum PlanPrinter {
  /// Layers with bottoms and tops after the rules, and the Split layers Caffe would insert.
  public static func print(_ graph: NetGraph) -> String {
    let nodes = graph.nodes.map { node in
      line(node.definition.name, node.definition.type, node.definition.bottoms.map(\.name), node.definition.tops.map(\.name))
    }
    let splits = graph.splits.map { line($0.name, "Split", [$0.bottom], $0.tops) }
    return (nodes + (splits.isEmpty ? [] : ["", "Splits as Caffe names them:"] + splits)).joined(separator: "\n")
  }

  private static func line(_ name: String, _ type: String, _ bottoms: [String], _ tops: [String]) -> String {
    "\(name) (\(type)): \(bottoms.joined(separator: ", ")) -> \(tops.joined(separator: ", "))"
  }

  /// Layers with the shapes of tops and parameters.
  public static func print(_ graph: ShapedGraph) -> String {
    graph.nodes.map { node in
      let tops = zip(node.definition.tops, node.signature.tops).map { "\($0.name) \($1)" }.joined(separator: ", ")
      let weights = node.signature.weights.map { "\($0.shape)" }.joined(separator: ", ")
      return "\(node.definition.name) (\(node.definition.type)): \(tops)" + (weights.isEmpty ? "" : "; parameters \(weights)")
    }.joined(separator: "\n")
  }

  /// Operations after the passes.
  public static func print(_ program: Program) -> String {
    program.operations.map { operation in
      let names = { (values: [Int]) in values.map(program.name).joined(separator: ", ") }
      return "\(operation.title): \(names(operation.inputs)) -> \(names(operation.outputs))"
    }.joined(separator: "\n")
  }

  /// Steps with their kernels, then the memory. What a step computes comes last: it may be a long list of layers.
  public static func print(_ plan: ExecutionPlan) -> String {
    let width = plan.steps.map(\.kernel.implementation.count).max() ?? 0
    let steps = plan.steps.enumerated().map { index, step in
      "\(padded(String(index), 4)) \(padded(step.kind.rawValue, 10)) \(padded(step.kernel.implementation, width)) \(step.name)"
    }
    let gradients = plan.gradientBytes > 0 ? ", gradients \(NumberText.megabytes(plan.gradientBytes))" : ""
    let residents =
      "weights \(NumberText.megabytes(plan.weightBytes))\(gradients), activations and scratch \(NumberText.megabytes(plan.arenaBytes)) per session"
    return (steps + ["", residents]).joined(separator: "\n")
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text.count < width ? text + String(repeating: " ", count: width - text.count) : text
  }
}
