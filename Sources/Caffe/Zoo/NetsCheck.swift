import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffeZoo

/// The prototxts of a model's directory: that they parse, and build without their data.
struct NetsCheck {
  private(set) var problems = Diagnostics()
  /// The net for use, with its shapes; nil when it does not build.
  private(set) var deploy: ShapedGraph?
  /// How the training net prepares its pictures, with its place; nil where there is none.
  private(set) var transform: (parameters: TransformationParameter, place: SourceLocation?, file: String)?
  private let directory: ModelDirectory
  private let options: NetOptions

  init(_ directory: ModelDirectory, options: NetOptions) {
    self.directory = directory
    self.options = options
    checkDeploy()
    for kind in [ModelDirectory.Kind.deploy, .training, .prototxt, .solver] {
      for file in directory.files(kind) { check(file) }
    }
    if let file = directory.training { readTransform(file) }
  }

  private mutating func checkDeploy() {
    guard let file = directory.deploy else {
      problems.append(
        Diagnostic("\(directory.path) has no deploy.prototxt", hint: "add the net for use: an Input layer, no losses"))
      return
    }
    guard let definition = try? NetDefinition(path: directory.path(of: file), registry: options.registry) else { return }
    var state = options.state
    state.phase = .TEST
    do throws(Diagnostics) {
      let graph = try NetGraph(definition, state: state, registry: options.registry)
      deploy = try ShapedGraph(graph, registry: options.registry)
    } catch {}  // told with the file's other problems
  }

  private mutating func check(_ file: ModelDirectory.File) {
    let shapes = DeployedShapes(deploy?.inputs.first.flatMap { deploy?.shapes[$0] })
    let names = Set(directory.files.map(\.name.description))
    do throws(FileError) {
      let check = try FileCheck(
        path: directory.path(of: file), options: options, sources: shapes.sources,
        isThere: { path in names.contains(path.split(separator: "/").last.map(String.init) ?? path) })
      problems.append(contentsOf: check.problems)
    } catch { problems.append(Diagnostic("\(error)")) }
  }

  private mutating func readTransform(_ file: ModelDirectory.File) {
    let path = directory.path(of: file)
    guard let definition = try? NetDefinition(path: path, registry: options.registry) else { return }
    let layers = definition.layers.filter { $0.takesPart(in: NetState(phase: .TEST)) }
    guard let layer = layers.first(where: { $0.transform != nil }), let parameters = layer.transform else { return }
    transform = (parameters, layer.location(ofField: "transform_param"), path)
  }
}

/// The shapes of data that is not there: cropped pictures, else the net for use has them.
private struct DeployedShapes: Sendable {
  private let input: Shape?

  init(_ input: Shape?) { self.input = input }

  /// Data that is not here is no mistake.
  private static let unknown = ShapeError(
    "its data is not here, so what comes after it was not checked", isUnknown: true)

  /// The answer for a data layer.
  var sources: ShapedGraph.SourceShapes {
    { [input] definition in
      guard definition.type == "Data" else { throw DeployedShapes.unknown }
      let parameters = definition.parameters(DataParameters.self)
      let transform = definition.transform ?? TransformationParameter()
      let channels = transform.forceGray || transform.meanValue.count == 1 ? 1 : input.map { $0.rank > 1 ? $0[1] : 3 } ?? 3
      var dims = [parameters.batchSize, channels, transform.cropSize, transform.cropSize]
      if transform.cropSize == 0 {
        guard let input, input.rank > 1 else { throw DeployedShapes.unknown }
        dims = [parameters.batchSize] + input.dims.dropFirst()
      }
      return Array([try Shape(validating: dims), try Shape(validating: [parameters.batchSize])].prefix(definition.tops.count))
    }
  }
}
