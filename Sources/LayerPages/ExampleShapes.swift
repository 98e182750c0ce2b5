import CaffeCore
import CaffeFormat
import CaffeGraph

/// The shapes in a layer's example, as far as they are known without data.
struct ExampleShapes {
  /// The survey of the example's net in the TEST phase.
  let survey: ShapeSurvey

  /// - Throws: `Diagnostics` when the net cannot be built.
  init(_ example: LayerExample, registry: LayerRegistry) throws {
    let definition = try NetDefinition(SourceFile(name: "example", text: example.net), schema: registry.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TEST), registry: registry)
    survey = try ShapeSurvey(graph, registry: registry)
  }

  /// A sentence that names the shapes of the last layer's tops and weights; nil where there are none, or none is known.
  var sentence: String? {
    guard let layer = survey.layers.last, let signature = layer.node?.signature else { return nil }
    let tops = zip(layer.definition.tops, signature.tops).enumerated().map { index, top in
      "`\(top.0.name)` \(ExampleShapes.text(top.1))\(signature.varyingTops.contains(index) ? " at most" : "")"
    }
    let weights = signature.weights.map { ExampleShapes.text($0.shape) }
    let parts = [("Tops", tops), ("Weights", weights)].filter { !$0.1.isEmpty }
    return parts.isEmpty ? nil : parts.map { "\($0.0): \($0.1.joined(separator: ", "))." }.joined(separator: " ")
  }

  private static func text(_ shape: Shape) -> String { shape.rank == 0 ? "one number" : "\(shape)" }
}
