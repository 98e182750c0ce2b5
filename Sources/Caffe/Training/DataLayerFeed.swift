import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers
import CaffePlan
import CaffeTraining

/// A data layer whose kind of source is not read here: its net can be checked and timed, not run.
struct UnreadSourceError: Error, CustomStringConvertible {
  let layer: String
  let reason: String

  var description: String { "layer \"\(layer)\": \(reason)" }
}

/// Feeds the data layers of a net from their sources.
final class DataLayerFeed: DataFeed {
  private struct Layer {
    /// What its position is kept under.
    let key: String
    let source: any BatchSource
    let tops: [String]
  }

  private let layers: [Layer]
  /// Layers that write what a pass gave.
  private let outputs: [OutputLayer]

  private init(layers: [Layer], outputs: [OutputLayer]) {
    self.layers = layers
    self.outputs = outputs
  }

  /// The feed of a net; nil when the net has neither data layers nor layers that write.
  ///
  /// - Throws: `UnreadSourceError`, or what opening the data throws.
  static func make(
    for graph: ShapedGraph, _ context: DataContext, outputs: [OutputLayer], startingAt start: DataStart
  ) throws -> DataLayerFeed? {
    var uses: [String: Int] = [:]
    let layers = try graph.nodes.filter { $0.role == .source }.map { node in
      // Layers may share a name, but not a place in their data.
      let use = uses[node.definition.name, default: 0]
      uses[node.definition.name] = use + 1
      let key = use == 0 ? node.definition.name : "\(node.definition.name) (\(use + 1))"
      return Layer(
        key: key, source: try source(node.definition, named: key, phase: node.phase, context, startingAt: start),
        tops: node.definition.tops.map(\.name))
    }
    return layers.isEmpty && outputs.isEmpty ? nil : DataLayerFeed(layers: layers, outputs: outputs)
  }

  /// The types of layers that have a source here.
  static let types = [DataLayer.type, ImageDataLayer.type, WindowDataLayer.type, MemoryDataLayer.type, HDF5DataLayer.type]

  /// Opens a data layer's source.
  ///
  /// - Parameter key: what its position is kept under; nil for the layer's name.
  /// - Throws: `UnreadSourceError`, or what opening the data throws.
  static func source(
    _ definition: LayerDefinition, named key: String? = nil, phase: Phase, _ context: DataContext, startingAt start: DataStart
  ) throws -> any BatchSource {
    func position(_ batchSize: Int) throws -> Int { try start.position(ofLayer: key ?? definition.name, batchSize: batchSize) }
    switch definition.type {
    case DataLayer.type:
      let configuration = context.database(definition, phase: phase)
      return try DatabaseSource(configuration, startingAt: position(configuration.batchSize))
    case HDF5DataLayer.type:
      let configuration = context.rows(definition)
      return try HDF5Source(configuration, startingAt: position(configuration.batchSize))
    case ImageDataLayer.type:
      let configuration = context.imageList(definition, phase: phase)
      return try ImageListSource(configuration, startingAt: position(configuration.batchSize))
    case WindowDataLayer.type:
      let configuration = try context.windows(definition)
      return try WindowSource(configuration, startingAt: position(configuration.batchSize))
    case MemoryDataLayer.type:
      let configuration = context.memory(definition, phase: phase)
      let data = try context.memoryData(of: definition)
      return try MemorySource(data, configuration, startingAt: position(configuration.shape[0]))
    default:
      let advice = "use \(types.dropLast().joined(separator: ", ")) or \(HDF5DataLayer.type) layers"
      throw UnreadSourceError(layer: definition.name, reason: "\(DataShapes.unread(definition.type)); \(advice)")
    }
  }

  func fill(_ session: Session) throws {
    for output in outputs { try output.prepare() }
    for layer in layers {
      for (name, tensor) in zip(layer.tops, try layer.source.nextTensors()) { try session.setInput(name, tensor) }
    }
  }

  var secondsWaited: Double { layers.reduce(0) { $0 + $1.source.secondsWaited } }

  var contents: [String] {
    layers.map { "\($0.key): \($0.source.contents)" }
  }

  var positions: [(layer: String, position: Int)] { layers.map { ($0.key, $0.source.position) } }
}
