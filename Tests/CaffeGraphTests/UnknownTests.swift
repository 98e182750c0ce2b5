import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers
import Testing

@Suite("What is not known")
struct UnknownTests {
  private static let text = """
    default_forward_type: FLOAT16
    layer { name: "in" type: "Input" top: "x" input_param { shape { dim: [1, 3, 8, 8] } } }
    layer { name: "a" type: "Convolution" bottom: "x" top: "a" forward_type: FLOAT convolution_param { num_output: 2 kernel_size: 3 magic: { deep: [1, 2] } } }
    layer { name: "b" type: "Pooling" bottom: "a" top: "b" engine: "MKLDNN" pooling_param { pool: MEDIAN kernel_size: 2 } }
    layer { name: "c" type: "Wondrous" bottom: "b" top: "c" wondrous_param { x: 1 } }
    layer { name: "d" type: "ReLU" bottom: "c" top: "d" }
    """

  private static func first(_ diagnostics: Diagnostics) -> [String] {
    diagnostics.map { $0.description.split(separator: "\n").first.map(String.init) ?? "" }
  }

  @Test("is an error with its place, all at once")
  func errors() {
    let mistakes = Stages.mistakes(Self.text)
    #expect(
      mistakes == [
        "net.prototxt:3:129: error: ConvolutionParameter has no field \"magic\"",
        "net.prototxt:4:95: error: \"pool\": PoolMethod has no value \"MEDIAN\"",
        "net.prototxt:5:57: error: LayerParameter has no field \"wondrous_param\"",
      ], "\(mistakes)")
  }

  @Test("is a warning and is passed over when that is asked for; fields of forks that only choose kernels are notes")
  func warnings() throws {
    let registry = LayerRegistry.standard.allowingUnknown()
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: Self.text), schema: registry.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TEST), registry: registry)
    let survey = try ShapeSurvey(graph, registry: registry)
    #expect(survey.shape(of: "b") == [1, 2, 5, 5])
    #expect(survey.shape(of: "c") == nil && survey.shape(of: "d") == nil)
    let lines = Self.first(survey.notes)
    #expect(lines.count { $0.contains(": warning: ") } == 4, "\(lines)")
    #expect(
      lines.contains(
        "net.prototxt:1:1: note: \"default_forward_type\" is read and not acted upon: a precision of NVIDIA's fork; everything is computed in single precision"
      ), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("net.prototxt:3:60: note: \"forward_type\" is read") }, "\(lines)")
    #expect(lines.contains { $0.hasPrefix("net.prototxt:4:56: note: \"engine\" is read") }, "\(lines)")
    #expect(lines.contains { $0.contains("warning: layer \"c\": there is no layer type \"Wondrous\"") }, "\(lines)")
  }

  @Test("cannot be run all the same: a layer that is not there stays an error for whoever wants all shapes")
  func running() throws {
    let registry = LayerRegistry.standard.allowingUnknown()
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: Self.text), schema: registry.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TEST), registry: registry)
    let error = #expect(throws: Diagnostics.self) { try ShapedGraph(graph, registry: registry) }
    #expect(error.map { Self.first($0) }?.contains { $0.contains("error: layer \"c\"") } == true)
  }
}
