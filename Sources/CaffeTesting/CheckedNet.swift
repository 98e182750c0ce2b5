import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// A net of one layer, built for some shapes, with values for its inputs and parameters.
struct CheckedNet {
  let check: LayerCheck
  let graph: ShapedGraph
  /// The layer under test.
  let node: ShapedGraph.Node
  /// By input blob.
  let inputs: [String: Tensor]
  /// A random gradient for every output that is no loss.
  let seeds: [String: Tensor]

  /// - Throws: `Diagnostics` when the layer cannot take such shapes.
  init(_ check: LayerCheck, shapes: [String: Shape]) throws {
    self.check = check
    let source = SourceFile(name: "net.prototxt", text: check.net + "\nforce_backward: true\n")
    let definition = try NetDefinition(source, schema: check.registry.schema)
    let net = try NetGraph(definition, state: NetState(phase: check.phase), registry: check.registry)
    let outputs = Set(net.outputs.map { net.values[$0].name })
    let graph = try ShapedGraph(net, registry: check.registry, inputs: shapes, gradientsInto: outputs)
    guard let node = graph.nodes.last, node.role == .compute || node.role == .loss else {
      throw CheckError("the net's last layer is not one that computes")
    }
    self.graph = graph
    self.node = node
    inputs = CheckedNet.inputs(graph, check)
    seeds = CheckedNet.seeds(graph, node, check.unseeded)
  }

  private static func inputs(_ graph: ShapedGraph, _ check: LayerCheck) -> [String: Tensor] {
    let pairs = graph.inputs.map { value -> (String, Tensor) in
      let name = graph.graph.values[value].name
      let random = RandomStream(seed: 1701, path: 1, UInt64(value))
      return (name, (check.values[name] ?? .uniform(-2...2)).tensor(graph.shapes[value], random))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  private static func seeds(_ graph: ShapedGraph, _ node: ShapedGraph.Node, _ unseeded: Set<String>) -> [String: Tensor] {
    guard node.lossWeights.allSatisfy({ $0 == 0 }), graph.gradients.hasGradient else { return [:] }
    let pairs = node.tops.map { top in
      let random = RandomStream(seed: 1701, path: 2, UInt64(top))
      let name = graph.graph.values[top].name
      let seed: SampleValues = unseeded.contains(name) ? .uniform(0...0) : .uniform(-1...1)
      return (name, seed.tensor(graph.shapes[top], random))
    }
    return Dictionary(uniqueKeysWithValues: pairs)
  }

  /// The values of a parameter: statistics are positive, as variances and counts are.
  func parameter(_ index: Int) -> Tensor {
    let spec = graph.parameters[index]
    let range: SampleValues = spec.role == .learned ? .uniform(-1...1) : .uniform(0.5...1.5)
    return range.tensor(spec.shape, RandomStream(seed: 1701, path: 3, UInt64(index)))
  }

  /// The shapes of the inputs by name.
  var shapes: [String: Shape] { inputs.mapValues(\.shape) }

  /// A session with everything filled in.
  func session(_ backends: [any Backend], purpose: Purpose, threads: Int = 1) throws -> Session {
    let names = Set(graph.graph.outputs.map { graph.graph.values[$0].name })
    let options = PlanOptions(threads: threads, seeds: names)
    let plan = try Planner.plan(Program(graph, purpose: purpose), backends: backends, options: options)
    let weights = try ResidentWeights(plan) { index, destination in
      _ = parameter(index).values.withUnsafeBufferPointer { destination.update(from: $0) }
    }
    let session = try Session(weights, seed: 1701)
    for (name, tensor) in inputs { try session.setInput(name, tensor) }
    return session
  }
}

extension GradientNeeds {
  /// Whether anything gets a gradient at all.
  var hasGradient: Bool { propagates.joined().contains(true) || parameters.contains(true) }
}

/// A check that cannot be made.
public struct CheckError: Error, Sendable, CustomStringConvertible {
  /// Why not.
  public let description: String
  init(_ description: String) { self.description = description }
}
