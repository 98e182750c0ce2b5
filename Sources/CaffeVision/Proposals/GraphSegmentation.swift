/// A picture in pieces: which region each pixel belongs to.
struct Segmentation: Sendable, Equatable {
  let width: Int
  let height: Int
  /// Regions, numbered from 0 in the order in which their first pixels come, row after row.
  let labels: [Int32]
  let count: Int
}

/// Segmentation of a picture by its graph (Felzenszwalb and Huttenlocher, "Efficient Graph-Based Image Segmentation", IJCV 2004).
///
/// Components grow along the edges, the lightest first: an edge joins two components when it is no heavier than the heaviest
/// edge inside either, plus k over the component's size. Then components below the minimum join a neighbour, again along the
/// edges in their order.
struct GraphSegmentation {
  private let graph: PixelGraph
  private var components: PixelComponents
  /// The edges between components, in their order.
  private var borders: [UInt64] = []

  /// - Parameters:
  ///   - k: how much is made of small components, in steps of a byte.
  ///   - minimum: pixels a region has at least, if the picture has as many.
  static func segment(_ graph: PixelGraph, k: Int, minimum: Int) -> Segmentation {
    var segmentation = GraphSegmentation(graph)
    segmentation.grow(k: Float(k) * Float(PixelGraph.unit))
    segmentation.absorb(below: Int32(clamping: minimum))
    let (labels, count) = segmentation.components.labelled()
    return Segmentation(width: graph.width, height: graph.height, labels: labels, count: count)
  }

  private init(_ graph: PixelGraph) {
    self.graph = graph
    components = PixelComponents(count: graph.width * graph.height)
  }

  private mutating func grow(k: Float) {
    let steps = graph.steps
    // Of each component's root: the weight up to which edges may join it.
    var limits = [Float](repeating: k, count: graph.width * graph.height)
    limits.withUnsafeMutableBufferPointer { limits in
      components.withTree { tree in
        for edge in graph.edges {
          let (pixel, neighbour) = PixelGraph.pixels(of: edge, steps)
          let (first, second) = (tree.root(pixel), tree.root(neighbour))
          guard first != second else { continue }
          let weight = PixelGraph.weight(of: edge)
          guard weight <= limits[Int(first)], weight <= limits[Int(second)] else {
            borders.append(edge)
            continue
          }
          let root = tree.join(first, second)
          limits[Int(root)] = weight + k / Float(tree.size(root))
        }
      }
    }
  }

  private mutating func absorb(below minimum: Int32) {
    let steps = graph.steps
    components.withTree { tree in
      for edge in borders {
        let (pixel, neighbour) = PixelGraph.pixels(of: edge, steps)
        let (first, second) = (tree.root(pixel), tree.root(neighbour))
        guard first != second, tree.size(first) < minimum || tree.size(second) < minimum else { continue }
        _ = tree.join(first, second)
      }
    }
  }
}
