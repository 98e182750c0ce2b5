import CaffeCore
import CaffeFormat
import CaffeGraph

/// A net for use, derived from one for training: data becomes Input layers, losses become what they score, labels and scores go.
///
/// Layers that stay keep their text with its comments where the file has today's form; an older one is printed anew.
public struct DeployNet: Sendable {
  /// The net as prototxt.
  public let text: String
  /// What was decided that may surprise.
  public let notes: [String]

  /// - Parameters:
  ///   - path: a net for training and validation.
  ///   - inputShapes: shapes by blob name where neither the file nor its data tells them.
  ///   - batchSize: how many items an input takes that data layers batch.
  /// - Throws: `FileError`; `Diagnostics` when the net is wrong, or for an input whose shape is not known.
  public init(path: String, options: NetOptions, inputShapes: [String: Shape] = [:], batchSize: Int = 1) throws {
    let source = try NetText(path: path, registry: options.registry)
    let graph = try NetGraph(source.definition, state: options.state, registry: options.registry)
    let survey = try ShapeSurvey(
      graph, registry: options.registry, inputs: inputShapes,
      sources: DataShapes.shapes(FilePlace(of: path), phase: options.state.phase))
    let plan = try DeployPlan(survey, registry: options.registry)
    let writer = DeployWriter(graph: graph, plan: plan, inputShapes: inputShapes, batchSize: batchSize)
    text = source.applying(writer.changes(), removing: ["state"])
    notes = plan.notes
    _ = try ShapedGraph(derived: text, from: path, state: NetState(phase: .TEST), registry: options.registry)
  }
}

extension ShapedGraph {
  /// The graph of a net that was made of another file: a check that it runs, before it reaches a file of its own.
  ///
  /// - Throws: `Diagnostics` with places in the derived text.
  init(derived text: String, from path: String, state: NetState, registry: LayerRegistry) throws(Diagnostics) {
    let definition = try NetDefinition(SourceFile(name: "\(path) (derived)", text: text), schema: registry.schema)
    try self.init(NetGraph(definition, state: state, registry: registry), registry: registry)
  }
}
