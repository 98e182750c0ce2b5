import CaffeCore
import CaffeFormat

/// Which layers run backward, into which bottoms gradients flow, and which parameters get one.
public struct GradientNeeds: Sendable {
  /// Per node.
  public let runsBackward: [Bool]
  /// Per node and bottom.
  public let propagates: [[Bool]]
  /// Per parameter.
  public let parameters: [Bool]
}

/// Caffe's rules (Net::Init): a gradient is wanted by learnable parameters upstream, `propagate_down` overrides,
/// only what lies under a loss counts, and `force_backward` asks for all that layers allow.
struct GradientAnalysis {
  let graph: NetGraph
  let nodes: [ShapedGraph.Node]
  let parameters: [Parameter]
  let seeds: Set<String>

  func needs() throws(Diagnostics) -> GradientNeeds {
    var wanted = wantedUpstream()
    pruneToLosses(&wanted)
    if graph.forceBackward { force(&wanted) }
    try checkLabels(wanted)
    return GradientNeeds(runsBackward: wanted.nodes, propagates: wanted.bottoms, parameters: parametersWanted(wanted))
  }

  private struct Wanted {
    var nodes: [Bool] = []
    var bottoms: [[Bool]] = []
  }

  private func wantedUpstream() -> Wanted {
    var wanted = Wanted()
    var values = [Bool](repeating: false, count: graph.values.count)
    for node in nodes {
      let overrides = node.definition.propagateDown
      let bottoms = node.bottoms.enumerated().map { index, value in
        overrides.isEmpty ? values[value] : overrides[index]
      }
      let learns = node.parameters.contains { parameters[$0].lrMult != 0 }
      // propagate_down says where gradients go, not that there is something to learn.
      let needs = learns || node.bottoms.contains { values[$0] }
      for top in node.tops { values[top] = needs && node.role != .input && node.role != .source }
      wanted.nodes.append(needs)
      wanted.bottoms.append(bottoms)
    }
    return wanted
  }

  private func pruneToLosses(_ wanted: inout Wanted) {
    var underLoss = Set<Int>()
    for (index, node) in nodes.enumerated().reversed() {
      let contributes = node.tops.enumerated().contains { place, value in
        node.lossWeights[place] != 0 || underLoss.contains(value) || isSeed(value)
      }
      if contributes {
        for (place, value) in node.bottoms.enumerated()
        where wanted.bottoms[index][place] || node.definition.propagateDown.isEmpty {
          underLoss.insert(value)
        }
      } else {
        wanted.nodes[index] = false
        wanted.bottoms[index] = wanted.bottoms[index].map { _ in false }
      }
    }
  }

  private func isSeed(_ value: Int) -> Bool {
    seeds.contains(graph.values[value].name) && graph.value(named: graph.values[value].name) == value
  }

  private func force(_ wanted: inout Wanted) {
    for (index, node) in nodes.enumerated() where node.role == .compute || node.role == .loss {
      wanted.nodes[index] = true
      wanted.bottoms[index] = node.bottoms.indices.map { place in
        node.layer.allowsGradient(toBottom: place) || wanted.bottoms[index][place]
      }
    }
  }

  private func checkLabels(_ wanted: Wanted) throws(Diagnostics) {
    var diagnostics = Diagnostics()
    for (index, node) in nodes.enumerated() {
      for (place, isWanted) in wanted.bottoms[index].enumerated() where isWanted && !node.layer.allowsGradient(toBottom: place) {
        let bottom = node.definition.bottoms[place]
        diagnostics.append(
          Diagnostic(
            "\(node.definition.title) cannot pass a gradient to bottom \"\(bottom.name)\", which depends on learned parameters",
            at: bottom.location, hint: "stop it with propagate_down: false"))
      }
    }
    try diagnostics.throwIfErrors()
  }

  private func parametersWanted(_ wanted: Wanted) -> [Bool] {
    var result = [Bool](repeating: false, count: parameters.count)
    for (index, node) in nodes.enumerated() where wanted.nodes[index] {
      for parameter in node.parameters where parameters[parameter].role == .learned {
        result[parameter] = result[parameter] || graph.forceBackward || parameters[parameter].lrMult != 0
      }
    }
    return result
  }
}
