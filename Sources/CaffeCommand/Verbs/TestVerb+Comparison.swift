import ArgumentParser
import Caffe
import CaffeCore
import CaffeLayers
import CaffeTraining

extension TestVerb {
  /// Runs the net in both precisions and says what differs.
  func compare(_ model: String, _ workshop: inout NetWorkshop, _ log: (String) -> Void) throws {
    var rounded = workshop.options
    rounded.precision = .bf16
    if engine.precision == .fp32 { rounded.precisionNote.map(log) }
    let scores = try scores(model, workshop.options)
    workshop.observed = scores
    let net = try workshop.build(net: model, phase: .TEST, purpose: .inference)
    try net.checkInputsAreFilled()
    var trial = PrecisionTrial(net: net, rounded: try workshop.session(of: net, in: .bf16), scores: scores)
    trial.averagePrecision = averagePrecision
    let comparison = try trial.run(
      iterations: iterations, beforeBatch: { !Signals.isInterrupted },
      onBatch: { log("Batch \($0), largest difference: \(NumberText.general($1)) of the largest number") })
    guard let comparison else { throw ExitCode(130) }
    try workshop.outputs.finish()
    comparison.lines.forEach(log)
    if json { try JSONOutput.print(comparison) }
  }

  /// The blobs whose first answers count: what Accuracy layers judge, and the probabilities that the net gives.
  private func scores(_ model: String, _ options: NetOptions) throws -> [String] {
    let graph = try NetInspection(path: model, options: options).graph()
    let outputs = Set(graph.outputs.map { graph.values[$0].name })
    let names = graph.nodes.flatMap { node -> [String] in
      switch node.definition.type {
      case AccuracyLayer.type: node.definition.bottoms.prefix(1).map(\.name)
      case SoftmaxLayer.type: node.definition.tops.map(\.name).filter(outputs.contains)
      default: []
      }
    }
    return names.enumerated().filter { !names.prefix($0.offset).contains($0.element) }.map(\.element)
  }
}
