import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan

/// A net with values for its parameters and inputs, ready to be planned in several ways and compared.
public struct SampleNet: Sendable {
  /// The net with its shapes.
  public let graph: ShapedGraph
  /// The parameters' values.
  public let parameters: [Tensor]
  /// Outputs that get a gradient from outside.
  public let seeds: Set<String>

  /// Builds a net from text; parameters are uniform with a variance that keeps the signal's size.
  ///
  /// - Parameters:
  ///   - shapes: shapes of inputs that replace the text's.
  ///   - seeds: outputs that get a gradient from outside.
  /// - Throws: `Diagnostics` with everything that is wrong.
  public init(_ text: String, phase: Phase = .TEST, shapes: [String: Shape] = [:], seeds: Set<String> = []) throws {
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: text), schema: LayerRegistry.standard.schema)
    let net = try NetGraph(definition, state: NetState(phase: phase), registry: .standard)
    let graph = try ShapedGraph(net, registry: .standard, inputs: shapes, gradientsInto: seeds)
    self.graph = graph
    self.seeds = seeds
    parameters = graph.parameters.enumerated().map { SampleNet.value(of: $1, at: $0) }
  }

  private static func value(of spec: Parameter, at index: Int) -> Tensor {
    let random = RandomStream(seed: 1701, path: 6, UInt64(index))
    guard spec.role == .learned else { return SampleValues.uniform(0.5...1.5).tensor(spec.shape, random) }
    let inputs = spec.shape.rank > 1 ? spec.shape.count(from: 1) : 36
    let bound = (6 / Float(max(1, inputs))).squareRoot()
    return Tensor(spec.shape) { buffer in
      for block in 0..<(buffer.count + 3) / 4 {
        let draws = random.block(UInt64(block))
        for lane in 0..<min(4, buffer.count - block * 4) {
          buffer[block * 4 + lane] = (2 * RandomStream.unit(draws[lane]) - 1) * bound
        }
      }
    }
  }

  /// Plans the net.
  ///
  /// - Parameter blobs: names to keep beside the outputs; nil keeps every blob.
  /// - Throws: `PlanError`.
  public func plan(
    _ purpose: Purpose, _ backends: [any Backend], threads: Int = 1, without passes: Set<String> = [],
    observing blobs: Set<String>? = [], precision: Precision = .fp32
  ) throws -> ExecutionPlan {
    let options = PlanOptions(threads: threads, withoutPasses: passes, seeds: seeds, precision: precision)
    return try Planner.plan(Program(graph, purpose: purpose, observing: blobs), backends: backends, options: options)
  }

  /// The weights of a plan of this net.
  ///
  /// - Throws: `OutOfMemory`, or what a backend reports.
  public func weights(_ plan: ExecutionPlan) throws -> ResidentWeights {
    try ResidentWeights(plan) { index, destination in
      _ = parameters[index].values.withUnsafeBufferPointer { destination.update(from: $0) }
    }
  }

  /// A session of a plan of this net, with random inputs.
  ///
  /// - Parameter values: what to put into inputs; −1…1 where nothing is said.
  /// - Throws: `OutOfMemory`, or what a backend reports.
  public func session(_ plan: ExecutionPlan, values: [String: SampleValues] = [:]) throws -> Session {
    let session = try Session(try weights(plan), seed: 1701)
    try fill(session, values: values)
    return session
  }

  /// What forward makes of the same random inputs on each number of threads.
  ///
  /// - Throws: `PlanError`, `OutOfMemory`, or what a backend reports.
  public func tops(_ backend: any Backend, threads: [Int]) throws -> [[String: Tensor]] {
    try threads.map { threads in
      let session = try session(plan(.inference, [backend], threads: threads))
      try session.forward()
      return session.observedTops
    }
  }

  /// Gives every input and every seed of a session random values.
  ///
  /// - Parameter draw: which of the random values; equal for equal numbers.
  /// - Throws: `RunError`.
  public func fill(_ session: Session, draw: UInt64 = 0, values: [String: SampleValues] = [:]) throws {
    for value in graph.inputs {
      let name = graph.graph.values[value].name
      let random = RandomStream(seed: 1701, path: 7, draw, UInt64(value))
      try session.setInput(name, (values[name] ?? .uniform(-1...1)).tensor(graph.shapes[value], random))
    }
    guard session.plan.program.purpose == .training else { return }
    for name in seeds.sorted() {
      guard let shape = graph.shape(of: name) else { continue }
      try session.setOutputDiff(name, SampleValues.uniform(-1...1).tensor(shape, RandomStream(seed: 1701, path: 8, draw)))
    }
  }
}

extension Session {
  /// What the net has computed, by blob: its outputs, and what else the plan keeps.
  public var observedTops: [String: Tensor] {
    let graph = plan.graph.graph
    let names = Set(plan.program.observed.map { graph.values[$0].name })
    return Dictionary(uniqueKeysWithValues: names.compactMap { name in output(name).map { (name, $0) } })
  }

  /// Every gradient after `backward`: inputs by name, parameters as `LAYER/I`.
  ///
  /// - Throws: what a backend's reorder reports.
  public func gradients() throws -> [String: Tensor] {
    var result: [String: Tensor] = [:]
    for value in plan.graph.inputs {
      let name = plan.graph.graph.values[value].name
      result[name] = inputDiff(name)
    }
    for (index, parameter) in plan.graph.parameters.enumerated() {
      result["\(parameter.layer)/\(parameter.index)"] = try weights.diff(ofParameter: index)
    }
    return result
  }
}
