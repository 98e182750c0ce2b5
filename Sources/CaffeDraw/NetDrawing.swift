import CaffeCore
import CaffeFormat
import CaffeGraph

/// A net as boxes and arrows: what `DotText` writes.
///
/// A layer that works in place (a ReLU behind its convolution) stands in the box of the layer whose blob it changes.
public struct NetDrawing: Sendable {
  /// A box: a layer and those that work in place on its blob.
  struct Box: Sendable {
    var layers: [LayerDefinition]
    /// The blobs it reads and makes, as indices into `blobs`.
    var bottoms: [Int]
    var tops: [Int]
  }

  /// A blob between boxes.
  struct Blob: Sendable {
    let name: String
    /// The boxes that make it: one, or with all phases shown one of each phase.
    var producers: [Int]
    var readers: Int
  }

  let name: String
  private(set) var boxes: [Box] = []
  private(set) var blobs: [Blob] = []
  /// By blob name; empty when shapes are not known.
  let shapes: [String: Shape]

  /// - Parameters:
  ///   - definition: the net.
  ///   - state: whose include and exclude rules pick the layers; nil shows the layers of all phases.
  ///   - shapes: the blobs' shapes by name, as far as they are known.
  public init(_ definition: NetDefinition, state: NetState?, shapes: [String: Shape] = [:]) {
    name = definition.name
    self.shapes = shapes
    var current: [String: Int] = [:]
    for layer in definition.layers where state.map(layer.takesPart) ?? true { add(layer, &current) }
  }

  /// The net with the shapes of a graph.
  public init(_ graph: ShapedGraph) {
    let net = graph.graph
    let shapes = net.blobNames.compactMap { name in graph.shape(of: name).map { (name, $0) } }
    self.init(net.definition, state: net.state, shapes: Dictionary(shapes) { $1 })
  }

  private mutating func add(_ layer: LayerDefinition, _ current: inout [String: Int]) {
    let bottoms = layer.bottoms.compactMap { current[$0.name] }
    let isInPlace = layer.bottoms.count == 1 && layer.tops.map(\.name) == layer.bottoms.map(\.name)
    if isInPlace, let blob = bottoms.first, blobs[blob].producers.count == 1 {
      return boxes[blobs[blob].producers[0]].layers.append(layer)
    }
    for blob in bottoms { blobs[blob].readers += 1 }
    boxes.append(Box(layers: [layer], bottoms: bottoms, tops: []))
    for top in layer.tops { addTop(top.name, isChanged: layer.bottoms.contains { $0.name == top.name }, &current) }
  }

  private mutating func addTop(_ name: String, isChanged: Bool, _ current: inout [String: Int]) {
    let box = boxes.count - 1
    if let blob = current[name], !isChanged, blobs[blob].readers == 0 {
      blobs[blob].producers.append(box)
      return boxes[box].tops.append(blob)
    }
    blobs.append(Blob(name: name, producers: [box], readers: 0))
    current[name] = blobs.count - 1
    boxes[box].tops.append(blobs.count - 1)
  }
}
