import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTesting
import Testing

/// Multiplies by the number in `param_str`: a Swift layer that stands in for a Python one.
private struct Times: Layer {
  static let type = "Times"
  static let bottoms = 1...1
  static let tops = 1...1
  private let factor: Float

  init(_ parameters: NoParameters, in context: LayerContext) throws(LayerError) {
    let text = context.definition.parameters(PythonParameters.self).paramStr
    guard let factor = Float(text) else { throw LayerError("\"\(text)\" is no number", field: "param_str") }
    self.factor = factor
  }

  func signature(of bottoms: [Shape]) -> LayerSignature { LayerSignature(tops: bottoms) }
  func forward(_ io: ForwardIO) { for i in 0..<io.tops[0].count { io.tops[0][i] = factor * io.bottoms[0][i] } }
}

/// No gradient check: the layer stands for one that runs elsewhere, and computes nothing.
@Suite("Python")
struct PythonLayerTests {
  private static let text = """
    layer { name: "in" type: "Input" top: "x" input_param { shape { dim: [2, 3] } } }
    layer { name: "times" type: "Python" bottom: "x" top: "y" python_param { module: "maths" layer: "Times" param_str: "2.5" } }
    layer { name: "act" type: "ReLU" bottom: "y" top: "z" }
    """

  private static func graph(_ registry: LayerRegistry) throws -> NetGraph {
    let definition = try NetDefinition(SourceFile(name: "net", text: text), schema: registry.schema)
    return try NetGraph(definition, state: NetState(phase: .TEST), registry: registry)
  }

  @Test("is an error that says which module and layer the net wants; looking at shapes goes on without")
  func missing() throws {
    let graph = try Self.graph(.standard)
    let error = #expect(throws: Diagnostics.self) { try ShapedGraph(graph, registry: .standard) }
    #expect(
      error?.description.hasPrefix(
        "net:2:15: error: layer \"times\" (Python): wants layer \"Times\" of Python module \"maths\", and Python does not run here"
      )
        == true, "\(error?.description ?? "")")
    let survey = try ShapeSurvey(graph, registry: .standard)
    #expect(survey.shape(of: "x") == [2, 3] && survey.shape(of: "y") == nil && survey.shape(of: "z") == nil)
    #expect(survey.notes.count == 1 && survey.notes[0].severity == .note)
  }

  @Test("gives way to a Swift layer that is registered under its names, which gets param_str")
  func registered() throws {
    let registry = LayerRegistry.standard.adding(Times.self, forPythonLayer: "Times", ofModule: "maths")
    let shaped = try ShapedGraph(try Self.graph(registry), registry: registry)
    let plan = try Planner.plan(Program(shaped, purpose: .inference), backends: [])
    let session = try Session(try ResidentWeights(plan) { _, _ in }, seed: 0)
    try session.setInput("x", try Tensor([2, 3], values: [1, -2, 3, 4, 5, 6]))
    try session.forward()
    #expect(session.output("z")?.values == [2.5, 0, 7.5, 10, 12.5, 15])
  }

  @Test("needs a module and a layer; it has no gradient, since it computes nothing")
  func mistakes() {
    #expect(OneLayer.mistake("type: 'Python'", ["x": [1]])?.contains("module is missing: which Python module?") == true)
    #expect(
      OneLayer.mistake("type: 'Python' python_param { module: 'm' }", ["x": [1]])?.contains(
        "layer is missing: which class of module \"m\"?") == true)
  }
}
