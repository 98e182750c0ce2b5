import CaffeCore
import CaffeData
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTraining

/// Feeds the Data layers of a net from their databases.
final class DatabaseFeed: DataFeed {
  private struct Layer {
    let source: DatabaseSource
    let tops: [String]
  }

  private let layers: [Layer]

  private init(layers: [Layer]) { self.layers = layers }

  /// The feed of a net; nil when the net has no data layers.
  ///
  /// - Parameter iteration: forward passes that were made before this run.
  /// - Throws: what opening the databases throws, and `SolverError` for sources that cannot be read.
  static func make(for graph: ShapedGraph, seed: UInt64, place: FilePlace, startingAt iteration: Int) throws -> DatabaseFeed? {
    let layers = try graph.nodes.filter { $0.role == .source }.map { node in
      guard node.definition.type == DataLayer.type else {
        throw SolverError("\(node.definition.title): such data cannot be read here yet")
      }
      let configuration = DataShapes.configuration(node.definition, phase: node.phase, seed: seed, place: place)
      let (items, overflow) = iteration.multipliedReportingOverflow(by: configuration.batchSize)
      guard !overflow else { throw SolverError("iteration \(iteration) lies beyond what a data position can count") }
      let source = try DatabaseSource(configuration, startingAt: items)
      return Layer(source: source, tops: node.definition.tops.map(\.name))
    }
    return layers.isEmpty ? nil : DatabaseFeed(layers: layers)
  }

  func fill(_ session: Session) throws {
    for layer in layers {
      let batch = try layer.source.next()
      for (name, tensor) in zip(layer.tops, [batch.data, batch.labels]) { try session.setInput(name, tensor) }
    }
  }

  var secondsWaited: Double { layers.reduce(0) { $0 + $1.source.secondsWaited } }
}
