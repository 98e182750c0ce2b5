import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// A layer whose top has as many rows as its values ask for, called once by itself.
struct VaryingTop {
  /// The top in the shape that forward gave it.
  let top: Tensor
  /// What lies in the top's memory after that.
  let rest: [Float]
  /// What forward found wrong.
  let fault: String?

  /// - Parameter layer: what stands in the layer's message beside its name, bottoms and top.
  init(_ layer: String, _ inputs: KeyValuePairs<String, Tensor>) throws {
    let node = try VaryingTop.node(layer, inputs)
    let (faults, topShapes, largest) = (FaultLog(), TopShapes(), node.signature.tops[0])
    let bottoms = inputs.map { VaryingTop.view($0.value) }
    let view = VaryingTop.view(Tensor(largest, repeating: .nan))
    defer { for view in bottoms + [view] { view.pointer.deallocate() } }
    node.layer.forward(
      ForwardIO(bottoms: bottoms, tops: [view], random: RandomStream(seed: 0), faults: faults, topShapes: topShapes))
    let (shape, values) = (topShapes.shapes[0] ?? largest, (0..<largest.count).map { view[$0] })
    top = try Tensor(shape, values: Array(values.prefix(shape.count)))
    rest = Array(values.dropFirst(shape.count))
    fault = faults.message
  }

  private struct NoLayer: Error {}

  private static func node(_ layer: String, _ inputs: KeyValuePairs<String, Tensor>) throws -> ShapedGraph.Node {
    let sources = inputs.map { "layer { name: 'in \($0.key)' type: 'Input' top: '\($0.key)' }\n" }.joined()
    let bottoms = inputs.map { "bottom: '\($0.key)' " }.joined()
    let text = "\(sources)layer { name: 'layer' \(bottoms)top: 'y' \(layer) }"
    let definition = try NetDefinition(SourceFile(name: "net.prototxt", text: text), schema: LayerRegistry.standard.schema)
    let graph = try NetGraph(definition, state: NetState(phase: .TEST), registry: .standard)
    let shapes = Dictionary(uniqueKeysWithValues: inputs.map { ($0.key, $0.value.shape) })
    guard let node = try ShapedGraph(graph, registry: .standard, inputs: shapes).nodes.last else { throw NoLayer() }
    return node
  }

  private static func view(_ tensor: Tensor) -> TensorView {
    let pointer = UnsafeMutablePointer<Float>.allocate(capacity: max(1, tensor.values.count))
    pointer.initialize(from: tensor.values, count: tensor.values.count)
    return TensorView(tensor.shape, pointer)
  }

  /// The rows of the top.
  var rows: [[Float]] {
    let width = top.shape.dims.last ?? 1
    return stride(from: 0, to: top.values.count, by: width).map { Array(top.values[$0..<$0 + width]) }
  }
}
