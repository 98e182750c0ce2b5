import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeOneDNN
import CaffePlan
import CaffeTesting

/// A net of one layer, run on values given by hand.
struct OneLayer {
  private let session: Session

  /// - Parameters:
  ///   - layer: what stands in the layer's message beside its name, bottoms and tops.
  ///   - weights: the layer's parameters; the fillers' values where none are given.
  ///   - fast: asks the fast backend first.
  ///   - batchSum: the way to other parts of the batch.
  init(
    _ layer: String, _ inputs: KeyValuePairs<String, Tensor>, tops: [String] = ["y"], weights: [[Float]] = [],
    phase: Phase = .TEST,
    fast: Bool = false, seed: UInt64 = 0, threads: Int = 1, batchSum: BatchSum? = nil
  ) throws {
    let sources = inputs.map {
      "layer { name: 'in \($0.key)' type: 'Input' top: '\($0.key)' \(OneLayer.parameter($0.value.shape)) }\n"
    }
    let blobs = inputs.map { "bottom: '\($0.key)'" } + tops.map { "top: '\($0)'" }
    let text = sources.joined() + "layer { name: 'layer' \(blobs.joined(separator: " ")) \(layer) }\nforce_backward: true\n"
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: phase), registry: .standard)
    let shaped = try ShapedGraph(graph, registry: .standard, gradientsInto: Set(tops))
    let options = PlanOptions(threads: threads, seeds: Set(tops))
    let plan = try Planner.plan(
      Program(shaped, purpose: .training), backends: fast ? [try OneDNNBackend()] : [], options: options)
    let fillers = ParameterValues(shaped, seed: seed)
    let resident = try ResidentWeights(plan) { index, destination in
      if index < weights.count { _ = destination.update(from: weights[index]) } else { fillers.write(index, to: destination) }
    }
    session = try Session(resident, seed: seed)
    session.batchSum = batchSum
    for (name, tensor) in inputs { try session.setInput(name, tensor) }
  }

  private static func parameter(_ shape: Shape) -> String {
    "input_param { shape { \(shape.dims.map { "dim: \($0)" }.joined(separator: " ")) } }"
  }

  /// Runs forward.
  ///
  /// - Returns: a top's values.
  func forward(_ top: String = "y") throws -> [Float] {
    try session.forward()
    return session.output(top)?.values ?? []
  }

  /// Gives an input other values.
  func set(_ name: String, to tensor: Tensor) throws { try session.setInput(name, tensor) }

  /// Forgets what earlier passes left.
  func forget() { session.resetState() }

  /// A top after forward.
  func top(_ name: String) -> Tensor? { session.output(name) }

  /// Runs backward after forward, from a gradient of top y, or from the loss when none is given.
  ///
  /// - Returns: a bottom's gradient.
  func backward(_ bottom: String = "x", from gradient: [Float]? = nil) throws -> [Float] {
    if let gradient, let top = session.output("y") { try session.setOutputDiff("y", try Tensor(top.shape, values: gradient)) }
    try session.backward()
    return session.inputDiff(bottom)?.values ?? []
  }

  /// A parameter as forward left it.
  func parameter(_ index: Int) throws -> [Float] { try session.weights.tensor(ofParameter: index)?.values ?? [] }

  /// A parameter's gradient.
  func gradient(ofParameter index: Int) throws -> [Float] { try session.weights.diff(ofParameter: index)?.values ?? [] }

  /// The first line of what is wrong with a layer; nil when nothing is.
  static func mistake(_ layer: String, _ inputs: KeyValuePairs<String, Shape>, tops: [String] = ["y"]) -> String? {
    do {
      let source = SourceFile(name: "net", text: LayerCheck.net(layer, inputs, tops: tops))
      let definition = try NetDefinition(source, schema: LayerRegistry.standard.schema)
      let graph = try NetGraph(definition, state: NetState(phase: .TRAIN), registry: .standard)
      _ = try ShapedGraph(graph, registry: .standard)
      return nil
    } catch { return "\(error)".split(separator: "\n").first.map(String.init) }
  }
}

extension Tensor {
  /// A tensor written out in a test.
  static func of(_ shape: Shape, _ values: [Float]) -> Tensor {
    precondition(values.count == shape.count)
    return Tensor(shape) { buffer in _ = buffer.update(from: values) }
  }
}

/// Whether two lists of numbers are as good as equal.
func isClose(_ a: [Float], _ b: [Float], within distance: Float = 1e-5) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= distance }
}
