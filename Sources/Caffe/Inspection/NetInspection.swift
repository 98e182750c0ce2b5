import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffePlan

/// Looks at a net without weights: its stages, and everything that is wrong with it.
public struct NetInspection: Sendable {
  public let definition: NetDefinition
  public let options: NetOptions
  /// Shapes by blob name that replace the file's.
  public var inputShapes: [String: Shape]?
  private let place: FilePlace
  private var sources: ShapedGraph.SourceShapes { DataShapes.shapes(place, phase: options.state.phase) }

  /// - Throws: `FileError`, or `Diagnostics` when the file is no sound prototxt.
  public init(path: String, options: NetOptions, inputShapes: [String: Shape]? = nil) throws {
    definition = try NetDefinition(path: path, registry: options.registry)
    self.options = options
    self.inputShapes = inputShapes
    place = FilePlace(of: path)
  }

  /// The graph of the state in the options.
  ///
  /// - Throws: `Diagnostics`.
  public func graph() throws(Diagnostics) -> NetGraph {
    try NetGraph(definition, state: options.state, registry: options.registry)
  }

  /// The shapes as far as the files tell them.
  ///
  /// - Throws: `Diagnostics`.
  public func survey() throws(Diagnostics) -> ShapeSurvey {
    try ShapeSurvey(try graph(), registry: options.registry, inputs: inputShapes, sources: sources)
  }

  /// The graph with shapes.
  ///
  /// - Throws: `Diagnostics`.
  public func shapedGraph() throws(Diagnostics) -> ShapedGraph {
    try ShapedGraph(try graph(), registry: options.registry, inputs: inputShapes, sources: sources)
  }

  /// The plan for the phase of the options.
  ///
  /// - Parameter takesGradientsEarly: whether to plan as for a solver that uses up each gradient as it is finished, as most do.
  /// - Throws: `Diagnostics` or `PlanError`.
  public func plan(takesGradientsEarly: Bool = false) throws -> ExecutionPlan {
    let purpose: Purpose = options.state.phase == .TRAIN ? .training : .inference
    var planOptions = options.planOptions
    planOptions.takesGradientsEarly = takesGradientsEarly
    return try Planner.plan(
      Program(try shapedGraph(), purpose: purpose), backends: try options.backends(), options: planOptions)
  }
}
