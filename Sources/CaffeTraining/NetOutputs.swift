import CaffeCore
import CaffeGraph
import CaffePlan

/// What a net says after a pass: its objective and the values of its outputs.
public struct NetOutputs: Sendable, Encodable {
  /// One number of an output blob.
  public struct Value: Sendable, Encodable {
    public let blob: String
    public var value: Float
    /// What the blob counts in the objective; 0 for outputs that are no loss.
    public let lossWeight: Float
  }

  /// Σ loss weight · value over all losses.
  public var loss: Float
  /// Every element of every output, outputs by name.
  public var values: [Value]

  init(loss: Float, values: [Value]) {
    self.loss = loss
    self.values = values
  }

  /// Reads a session after `forward`.
  init(_ session: Session) {
    let graph = session.plan.graph
    loss = 0
    values = []
    for node in graph.nodes {
      for (top, weight) in zip(node.tops, node.lossWeights) where weight != 0 {
        loss += weight * (session.output(ofValue: top)?.values.reduce(0, +) ?? 0)
      }
    }
    for value in graph.graph.outputs {
      let place = graph.graph.values[value].producer
      let weight = graph.nodes[place.node].lossWeights[place.top]
      for number in session.output(ofValue: value)?.values ?? [] {
        values.append(Value(blob: graph.graph.values[value].name, value: number, lossWeight: weight))
      }
    }
  }

  /// `accuracy = 0.98`, `loss = 0.06 (* 1 = 0.06 loss)`: as Caffe's log has it.
  public var lines: [String] {
    values.enumerated().map { index, value in
      let text = "#\(index): \(value.blob) = \(NumberText.general(value.value))"
      guard value.lossWeight != 0 else { return text }
      return text + " (* \(NumberText.general(value.lossWeight)) = \(NumberText.general(value.lossWeight * value.value)) loss)"
    }
  }
}
