import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// A prototxt taken to a shaped graph, without values.
enum Stage {
  static func graph(_ text: String, phase: Phase = .TEST) throws -> ShapedGraph {
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: text), schema: LayerRegistry.standard.schema)
    return try ShapedGraph(try NetGraph(definition, state: NetState(phase: phase), registry: .standard), registry: .standard)
  }
}
