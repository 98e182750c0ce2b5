import CaffeCore
import CaffeFormat
import CaffeGraph
import CaffeHDF5
import CaffeLayers

/// A classifier turned into a net that answers at every place of a larger picture: its inner products become convolutions with
/// the same numbers, as in Caffe's net surgery example.
///
/// An inner product over C×H×W inputs is a convolution with H×W kernels; one over C inputs that another inner product made has 1×1
/// kernels. The new layers have names of their own, so that weights of the old form are not taken for theirs; blobs keep theirs.
public struct ConvolutionCast: Sendable {
  /// The net as prototxt.
  public let text: String
  /// The weights that belong to it.
  public let weights: WeightSet
  /// The names of the layers that were cast, by their old names.
  public let names: [String: String]

  /// - Parameters:
  ///   - net: the classifier.
  ///   - weights: its weights.
  ///   - layers: the inner products to cast; empty is all.
  ///   - suffix: what is added to their names.
  ///   - inputShapes: new shapes of inputs.
  /// - Throws: `FileError`; `Diagnostics` when the net is wrong or would be; `WeightSurgeryError` for a layer that cannot be
  ///   cast, or weights that are not the net's.
  public init(
    net: String, weights: WeightSet, layers: [String] = [], suffix: String = "-conv", inputShapes: [String: Shape] = [:],
    options: NetOptions
  ) throws {
    let source = try NetText(path: net, registry: options.registry)
    let graph = try ShapedGraph(
      NetGraph(source.definition, state: options.state, registry: options.registry), registry: options.registry,
      sources: DataShapes.shapes(FilePlace(of: net), phase: options.state.phase))
    try NetGraph.problems(ofInputs: inputShapes.keys, among: graph.graph.inputNames(options.registry)).throwIfErrors()
    let casts = try ConvolutionCast.casts(graph, layers, suffix)
    let changes = source.definition.layers.map { layer in
      casts.first { $0.old == layer.name }.map { NetText.Change.replaced(by: $0.message(layer.message)) }
        ?? ConvolutionCast.reshaped(layer, inputShapes)
    }
    text = source.applying(changes)
    self.weights = try casts.reduce(weights) { (weights, cast) throws(WeightSurgeryError) in try cast.applied(to: weights) }
    names = Dictionary(casts.map { ($0.old, $0.new) }) { $1 }
    try ConvolutionCast.check(
      ShapedGraph(derived: text, from: net, state: options.state, registry: options.registry), casts.map { $0.new })
  }

  /// A convolution needs the two axes of a picture; an inner product that was left as it is makes none.
  private static func check(_ graph: ShapedGraph, _ names: [String]) throws(WeightSurgeryError) {
    for node in graph.nodes where names.contains(node.definition.name) {
      guard let bottom = node.bottoms.first.map({ graph.shapes[$0] }), bottom.rank != 4 else { continue }
      throw WeightSurgeryError(
        "\(node.definition.title) would read \(bottom), which is no picture: cast the InnerProduct before it too"
      )
    }
  }

  private static func casts(
    _ graph: ShapedGraph, _ layers: [String], _ suffix: String
  ) throws(WeightSurgeryError) -> [ProductCast] {
    let products = graph.nodes.filter { $0.definition.type == InnerProductLayer.type }
    for name in layers where !products.contains(where: { $0.definition.name == name }) {
      let near = nearest(to: name, among: products.map(\.definition.name)).map { ", did you mean \"\($0)\"?" } ?? ""
      throw WeightSurgeryError("the net has no InnerProduct layer \"\(name)\"\(near)")
    }
    let chosen = products.filter { layers.isEmpty || layers.contains($0.definition.name) }
    guard !chosen.isEmpty else { throw WeightSurgeryError("the net has no InnerProduct layer to cast") }
    var casts: [ProductCast] = []
    for node in chosen { casts.append(try ProductCast(node, bottom: graph.shapes[node.bottoms[0]], suffix: suffix)) }
    return casts
  }

  /// An Input layer whose tops were given new shapes.
  private static func reshaped(_ layer: LayerDefinition, _ shapes: [String: Shape]) -> NetText.Change {
    guard layer.type == InputLayer.type, layer.tops.contains(where: { shapes[$0.name] != nil }) else { return .kept }
    var message = layer.message
    let old = message.last("input_param")?.value.message?.all("shape") ?? []
    message.modify("input_param") { parameter in
      parameter.remove("shape")
      for (index, top) in layer.tops.enumerated() {
        // One shape may stand for all tops.
        let kept = old.isEmpty ? nil : old[min(index, old.count - 1)].value
        if let value = shapes[top.name].map({ FieldValue.message(BlobShape($0.dims).message) }) ?? kept {
          parameter.append("shape", value)
        }
      }
    }
    return .replaced(by: message)
  }
}
