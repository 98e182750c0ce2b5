import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// The shapes of data layers, from their data.
enum DataShapes {
  /// The answer for a net whose files are found at `place`.
  static func shapes(_ place: FilePlace) -> ShapedGraph.SourceShapes {
    { definition in
      switch definition.type {
      case DataLayer.type:
        let shapes = try DatabaseSource.shapes(of: configuration(definition, phase: .TEST, seed: 0, place: place))
        return Array([shapes.data, shapes.labels].prefix(definition.tops.count))
      case HDF5DataLayer.type: return try HDF5Source.shapes(of: rows(definition, seed: 0, place: place))
      default: throw ShapeError(unread(definition.type))
      }
    }
  }

  /// What is said of a layer whose kind of source there is not.
  static func unread(_ type: String) -> String { "data of \(type) layers is not read here yet" }

  /// What an HDF5Data layer asks of its files.
  static func rows(_ definition: LayerDefinition, seed: UInt64, place: FilePlace) -> HDF5Configuration {
    let parameters = definition.parameters(HDF5DataParameters.self)
    var configuration = HDF5Configuration(
      source: place.find(parameters.source ?? ""), datasets: definition.tops.map(\.name), batchSize: parameters.batchSize)
    configuration.shuffle = parameters.shuffle
    configuration.seed = seed
    configuration.place = place
    return configuration
  }

  /// What a Data layer asks of its database.
  static func configuration(_ definition: LayerDefinition, phase: Phase, seed: UInt64, place: FilePlace) -> DatabaseConfiguration
  {
    let parameters = definition.parameters(DataParameters.self)
    var configuration = DatabaseConfiguration(
      path: place.find(parameters.source ?? ""), batchSize: parameters.batchSize, phase: phase, seed: seed)
    configuration.prefetch = max(1, parameters.prefetch)
    configuration.randSkip = parameters.randSkip
    configuration.transform = definition.transform ?? TransformationParameter()
    configuration.transform.meanFile = configuration.transform.meanFile.map(place.find)
    if parameters.forceEncodedColor { configuration.transform.forceColor = true }
    return configuration
  }
}
