import CaffeCore
import CaffeGraph
import CaffePlan

/// The lines of `debug_info: true`: mean absolute values of what a pass makes, as Caffe 1.0 prints them.
///
/// It needs a plan that runs every layer by itself (`NetRole.isPlain`).
struct DebugInfo {
  let session: Session
  let log: (String) -> Void

  private var graph: ShapedGraph { session.plan.graph }

  /// Computes the outputs, and tells of each layer's tops and parameters.
  ///
  /// - Throws: what running the net throws.
  func forward() throws {
    let weights = try session.weights.weightSet()
    try session.forward { node, means in
      let layer = graph.nodes[node].definition.name
      for (top, mean) in zip(graph.nodes[node].tops, means) {
        guard let mean else { continue }
        say("[Forward] Layer \(layer), top blob \(graph.graph.values[top].name) data: \(NumberText.general(mean))")
      }
      for (index, blob) in (weights[layer] ?? []).enumerated() {
        let name = name(of: graph.nodes[node].parameters[index]) ?? "\(index)"
        say("[Forward] Layer \(layer), param blob \(name) data: \(mean(blob.tensor.values))")
      }
    }
  }

  /// Computes the gradients, and tells of those of each layer's bottoms and parameters.
  ///
  /// - Parameter run: what computes them; nil for the session itself.
  /// - Throws: what a backend reports.
  func backward(_ run: (() throws -> Void)? = nil) throws {
    try session.backward(by: run) { node, means in
      let layer = graph.nodes[node].definition.name
      for (bottom, mean) in zip(graph.nodes[node].bottoms, means) {
        guard let mean else { continue }
        say("[Backward] Layer \(layer), bottom blob \(graph.graph.values[bottom].name) diff: \(NumberText.general(mean))")
      }
      for (index, parameter) in graph.nodes[node].parameters.enumerated() {
        guard let trained = session.weights.trained.first(where: { $0.parameter == parameter }) else { continue }
        let diff = mean(trained.diff, of: graph.parameters[parameter].shape.count)
        say("[Backward] Layer \(layer), param blob \(index) diff: \(diff)")
      }
    }
    norms()
  }

  private func norms() {
    let (data, diff) = (session.weights.trained.map(\.data), session.weights.trained.map(\.diff))
    func first(_ parts: [UnsafeMutableBufferPointer<Float>]) -> Float { parts.joined().reduce(0) { $0 + abs($1) } }
    func second(_ parts: [UnsafeMutableBufferPointer<Float>]) -> Float { parts.joined().reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let (l1, l2) = ([first(data), first(diff)], [second(data), second(diff)])
    func pair(_ norms: [Float]) -> String { "(\(norms.map(NumberText.general).joined(separator: ", ")))" }
    say("[Backward] All net params (data, diff): L1 norm = \(pair(l1)); L2 norm = \(pair(l2))")
  }

  /// What the update starts from: each parameter and its gradient, before clipping and decay.
  func update() {
    for trained in session.weights.trained {
      let parameter = graph.parameters[trained.parameter]
      let (data, diff) = (mean(trained.data, of: parameter.shape.count), mean(trained.diff, of: parameter.shape.count))
      let name = name(of: trained.parameter) ?? "\(parameter.index)"
      say("[Update] Layer \(parameter.layer), param \(name) data: \(data); diff: \(diff)")
    }
  }

  /// What a parameter is called in its layer's `param`, which Caffe shows instead of its number; nil where it has no name.
  private func name(of parameter: Int) -> String? {
    graph.parameters[parameter].sharedName.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func say(_ text: String) { log("    " + text) }

  /// The mean absolute value; `count` leaves out what only pads.
  private func mean(_ values: some Collection<Float>, of count: Int? = nil) -> String {
    NumberText.general(values.reduce(0) { $0 + abs($1) } / Float(max(1, count ?? values.count)))
  }
}
