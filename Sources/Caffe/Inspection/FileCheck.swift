import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeTraining

/// Everything that is wrong with a net's or a solver's file: `caffe check`.
public struct FileCheck: Sendable {
  private let file: SourceFile
  private let options: NetOptions
  private let inputShapes: [String: Shape]
  private let sources: ShapedGraph.SourceShapes
  private let isThere: @Sendable (String) -> Bool

  /// - Throws: `FileError` when the file cannot be read.
  public init(path: String, options: NetOptions, inputShapes: [String: Shape] = [:]) throws(FileError) {
    file = try SourceFile(path: path)
    self.options = options
    self.inputShapes = inputShapes
    let place = FilePlace(of: path)
    sources = DataShapes.shapes(place)
    isThere = { FilePlace.exists(place.find($0)) }
  }

  /// - Parameters:
  ///   - sources: how to learn the shapes of data layers.
  ///   - isThere: whether there is a net of the path that a solver names.
  init(
    path: String, options: NetOptions, sources: @escaping ShapedGraph.SourceShapes, isThere: @escaping @Sendable (String) -> Bool
  ) throws(FileError) {
    file = try SourceFile(path: path)
    self.options = options
    inputShapes = [:]
    self.sources = sources
    self.isThere = isThere
  }

  /// The problems, each once: for a net those of both phases; warnings are among them.
  public var problems: Diagnostics {
    var found = Diagnostics()
    var seen = Set<String>()
    let all = isSolver ? solverProblems() : netProblems()
    for item in all where seen.insert(item.description).inserted { found.append(item) }
    return found
  }

  /// A file whose fields are a solver's rather than a net's.
  private var isSolver: Bool {
    let words = Set(
      String(decoding: file.bytes.prefix(1 << 20), as: UTF8.self).split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(
        String.init))
    return !words.contains("layer") && !words.contains("layers")
      && !words.isDisjoint(with: ["base_lr", "lr_policy", "max_iter", "train_net", "solver_mode", "test_iter"])
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
      return Diagnostics(Phase.allCases.flatMap { problems(definition, $0).items })
    } catch { return error }
  }

  private func problems(_ definition: NetDefinition, _ phase: Phase) -> Diagnostics {
    var state = options.state
    state.phase = phase
    do throws(Diagnostics) {
      let graph = try NetGraph(definition, state: state, registry: options.registry)
      let survey = try ShapeSurvey(graph, registry: options.registry, inputs: inputShapes, sources: sources)
      // What gradients need can only be judged where every layer is known.
      if survey.isComplete {
        _ = try ShapedGraph(graph, registry: options.registry, inputs: inputShapes, sources: sources)
      }
      return survey.notes
    } catch { return error }
  }
}
