import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeTraining

/// How fast a data layer gives batches when nothing is computed: reading, decoding and transforming on all cores.
public struct DataSpeed: Encodable, Sendable {
  public let layer: String
  /// Items of a batch.
  public let batchSize: Int
  /// Items that came while it was measured.
  public let items: Int
  public let seconds: Double
  public let itemsPerSecond: Double

  /// Measures the data layers of a net, one after the other; the net itself is not built.
  ///
  /// - Parameters:
  ///   - seconds: for each layer, counted from its second batch on.
  ///   - shouldStop: asked before each batch.
  /// - Throws: `FileError`, `Diagnostics`, or what reading the data throws.
  public static func measure(
    net path: String, options: NetOptions, seconds: Double, shouldStop: () -> Bool = { false }
  ) throws -> [DataSpeed] {
    let graph = try NetGraph(
      try NetDefinition(path: path, registry: options.registry), state: options.state, registry: options.registry)
    let context = DataContext(
      seed: options.seed, place: FilePlace(of: path), badData: options.badData, memory: options.memoryData)
    return try graph.nodes.filter { DataLayerFeed.types.contains($0.definition.type) }.map { node in
      let source = try DataLayerFeed.source(node.definition, phase: node.phase, context, startingAt: DataStart())
      return try measure(source, layer: node.definition.name, seconds: seconds, shouldStop)
    }
  }

  private static func measure(
    _ source: any BatchSource, layer: String, seconds: Double, _ shouldStop: () -> Bool
  ) throws -> DataSpeed {
    let batchSize = try source.nextTensors().first?.shape.dims.first ?? 0
    let start = ContinuousClock.now
    var (items, passed) = (0, 0.0)
    while passed < seconds, !shouldStop() {
      items += try source.nextTensors().first?.shape.dims.first ?? 0
      passed = start.duration(to: .now).inSeconds
    }
    return DataSpeed(
      layer: layer, batchSize: batchSize, items: items, seconds: passed, itemsPerSecond: passed > 0 ? Double(items) / passed : 0)
  }
}
