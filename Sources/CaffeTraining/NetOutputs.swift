import CaffeCore
import CaffeGraph
import CaffePlan

/// What a net says after a pass: its objective and the values of its outputs.
public struct NetOutputs: Sendable, Encodable {
  /// One number of an output blob.
  public struct Value: Sendable, Codable {
    public let blob: String
    public var value: Float
    /// What the blob counts in the objective; 0 for outputs that are no loss.
    public let lossWeight: Float
  }

  /// Σ loss weight · value over all losses.
  public var loss: Float
  /// Every element of every output whose shape is known beforehand, outputs by name; of a DetectionEvaluate layer's top the mean
  /// average precision.
  public var values: [Value]
  /// Average precision of every class, where the net has a DetectionEvaluate layer.
  public var classes: [ClassScore] = []
  /// What DetectionEvaluate layers say, by their top.
  var detections: [String: DetectionScore] = [:]
  private var averagePrecision = AveragePrecision.integral

  /// The average precision of one class.
  public struct ClassScore: Sendable, Encodable {
    public let blob: String
    public let label: Int
    public let averagePrecision: Float
  }

  private enum CodingKeys: CodingKey { case loss, values, classes }

  init(
    loss: Float, values: [Value], detections: [String: DetectionScore] = [:], averagePrecision: AveragePrecision = .integral
  ) {
    (self.loss, self.values, self.detections, self.averagePrecision) = (loss, values, detections, averagePrecision)
    scoreDetections()
  }

  /// Reads a session after `forward`.
  init(_ session: Session, averagePrecision: AveragePrecision = .integral) {
    self.averagePrecision = averagePrecision
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
      let (name, numbers) = (graph.graph.values[value].name, session.output(ofValue: value)?.values ?? [])
      if graph.nodes[place.node].definition.type == DetectionScore.layerType {
        detections[name] = DetectionScore(numbers)
        values.append(Value(blob: name, value: 0, lossWeight: weight))
      } else if !graph.nodes[place.node].signature.varyingTops.contains(place.top) {
        values += numbers.map { Value(blob: name, value: $0, lossWeight: weight) }
      }
    }
    scoreDetections()
  }

  /// Sets what follows from the detections gathered so far.
  mutating func scoreDetections() {
    classes = []
    for index in values.indices {
      guard let score = detections[values[index].blob] else { continue }
      values[index].value = score.mean(averagePrecision)
      classes += score.classes(averagePrecision).map {
        ClassScore(blob: values[index].blob, label: $0.label, averagePrecision: $0.value)
      }
    }
  }

  /// `class1: 0.9`: as SSD's log has it.
  public var classLines: [String] {
    classes.map { "class\($0.label): \(NumberText.general($0.averagePrecision))" }
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
