import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// The shapes of data layers: from the database where it can be opened, else from `crop_size`.
enum DataShapes {
  /// The answer for a net whose files are found at `place`.
  static func shapes(_ place: FilePlace) -> ShapedGraph.SourceShapes {
    { definition in
      guard definition.type == DataLayer.type else { return try ShapedGraph.noSources(definition) }
      do {
        let shapes = try DatabaseSource.shapes(of: configuration(definition, phase: .TEST, seed: 0, place: place))
        return Array([shapes.data, shapes.labels].prefix(definition.tops.count))
      } catch let error as LMDBError { return try shapes(fromCropOf: definition, unless: error) }
    }
  }

  /// Pictures are taken to be in colour unless the layer says otherwise.
  private static func shapes(fromCropOf definition: LayerDefinition, unless error: LMDBError) throws -> [Shape] {
    let parameters = definition.parameters(DataParameters.self)
    let transform = definition.transform ?? TransformationParameter()
    guard transform.cropSize > 0 else {
      throw ShapeError("\(error); the shape of \"\(definition.tops[0].name)\" is not known without it: give --input-shape")
    }
    let channels = transform.forceGray || transform.meanValue.count == 1 ? 1 : 3
    let data = try Shape(validating: [parameters.batchSize, channels, transform.cropSize, transform.cropSize])
    return Array([data, Shape([parameters.batchSize])].prefix(definition.tops.count))
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
