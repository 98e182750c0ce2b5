import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeTraining

/// Everything that is wrong with a net's or a solver's file: `caffe check`.
public struct FileCheck: Sendable {
  private let file: SourceFile
  private let options: NetOptions
  private let inputShapes: [String: Shape]?
  private let sources: @Sendable (Phase) -> ShapedGraph.SourceShapes
  private let isThere: @Sendable (String) -> Bool

  /// - Throws: `FileError` when the file cannot be read.
  public init(path: String, options: NetOptions, inputShapes: [String: Shape]? = nil) throws(FileError) {
    file = try SourceFile(path: path)
    self.options = options
    self.inputShapes = inputShapes
    let place = FilePlace(of: path)
    sources = { DataShapes.shapes(place, phase: $0) }
    isThere = { FilePlace.exists(place.findMoved($0)) }
  }

  /// - Parameters:
  ///   - sources: how to learn the shapes of data layers.
  ///   - isThere: whether there is a net of the path that a solver names.
  init(
    path: String, options: NetOptions, sources: @escaping ShapedGraph.SourceShapes, isThere: @escaping @Sendable (String) -> Bool
  ) throws(FileError) {
    file = try SourceFile(path: path)
    self.options = options
    inputShapes = nil
    self.sources = { _ in sources }
    self.isThere = isThere
  }

  /// The problems, each once: for a net those of both phases; warnings are among them.
  public var problems: Diagnostics {
    var found = Diagnostics()
    var seen = Set<String>()
    for item in all() where seen.insert(item.description).inserted { found.append(item) }
    return found
  }

  private func all() -> Diagnostics {
    switch FileKind(file.bytes) {
    case .solver: solverProblems()
    case .net, nil: netProblems()
    case let kind?:
      Diagnostics([Diagnostic("\(file.name): \(kind.problem(wanting: .net))")])
    }
  }

  private func solverProblems() -> Diagnostics {
    do throws(Diagnostics) {
      let definition = try SolverDefinition(file, schema: options.registry.schema)
      var found = Diagnostics(definition.warnings.items + numberProblems(definition).items)
      for net in definition.netFiles where !isThere(net.path) {
        found.append(Diagnostic("there is no file \"\(net.path)\"", at: definition.location(of: net.field)))
      }
      return found
    } catch { return error }
  }

  private func numberProblems(_ definition: SolverDefinition) -> Diagnostics {
    do throws(SolverError) {
      try definition.check()
      return Diagnostics()
    } catch {
      let place = error.field.flatMap(definition.location) ?? SourceLocation(file: file, offset: 0, length: 1)
      return Diagnostics([Diagnostic(error.description, at: place)])
    }
  }

  private func netProblems() -> Diagnostics {
    do throws(Diagnostics) {
      let definition = try NetDefinition(file, schema: options.registry.schema)
      return Diagnostics(inputProblems(definition).items + Phase.allCases.flatMap { problems(definition, $0).items })
    } catch { return error }
  }

  /// Shapes for blobs that are no inputs in either phase.
  private func inputProblems(_ definition: NetDefinition) -> Diagnostics {
    let graphs = Phase.allCases.compactMap { try? graph(definition, $0) }
    guard let inputShapes, graphs.count == Phase.allCases.count else { return Diagnostics() }
    var seen = Set<String>()
    let inputs = graphs.flatMap { $0.inputNames(options.registry) }.filter { seen.insert($0).inserted }
    return NetGraph.problems(ofInputs: inputShapes.keys, among: inputs)
  }

  private func graph(_ definition: NetDefinition, _ phase: Phase) throws(Diagnostics) -> NetGraph {
    var state = options.state
    state.phase = phase
    return try NetGraph(definition, state: state, registry: options.registry)
  }

  private func problems(_ definition: NetDefinition, _ phase: Phase) -> Diagnostics {
    do throws(Diagnostics) {
      let graph = try graph(definition, phase)
      // The shapes are for both phases, whose inputs may differ.
      let names = graph.inputNames(options.registry)
      let inputShapes = inputShapes.map { $0.filter { names.contains($0.key) } }
      let survey = try ShapeSurvey(graph, registry: options.registry, inputs: inputShapes, sources: sources(phase))
      // What gradients need can only be judged where every layer is known.
      if survey.isComplete {
        _ = try ShapedGraph(graph, registry: options.registry, inputs: inputShapes, sources: sources(phase))
      }
      return survey.notes
    } catch { return error }
  }
}
