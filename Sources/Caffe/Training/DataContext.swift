import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// What data layers are told beside their own parameters, and what their sources make of both.
struct DataContext {
  let seed: UInt64
  /// Where files that a net names are found.
  let place: FilePlace
  let badData: BadDataPolicy
  /// What the program hands to MemoryData layers, by their names.
  var memory: [String: MemoryData] = [:]
  /// Which of the items are taken here.
  var shard = DataShard.whole

  /// What a Data layer asks of its database.
  func database(_ definition: LayerDefinition, phase: Phase) -> DatabaseConfiguration {
    let parameters = definition.parameters(DataParameters.self)
    var configuration = DatabaseConfiguration(
      path: place.find(parameters.source ?? ""), batchSize: parameters.batchSize, phase: phase, seed: seed)
    if definition.message.last("data_param")?.value.message?.last("backend") != nil {
      configuration.kind = parameters.backend == .LMDB ? .lmdb : .leveldb
    }
    configuration.prefetch = max(1, parameters.prefetch)
    configuration.randSkip = parameters.randSkip
    configuration.transform = transform(definition)
    if parameters.forceEncodedColor { configuration.transform.forceColor = true }
    (configuration.badData, configuration.shard) = (badData, shard)
    return configuration
  }

  /// What an ImageData layer asks of its list.
  func imageList(_ definition: LayerDefinition, phase: Phase) -> ImageListConfiguration {
    let parameters = definition.parameters(ImageDataParameters.self)
    var configuration = ImageListConfiguration(
      source: place.find(parameters.source ?? ""), batchSize: parameters.batchSize, phase: phase, seed: seed)
    configuration.rootFolder = parameters.rootFolder
    configuration.labelCount = parameters.labelCount
    configuration.needsLabels = definition.tops.count > 1
    configuration.randSkip = parameters.randSkip
    configuration.shuffle = parameters.shuffle
    if parameters.newHeight > 0 { configuration.size = (parameters.newHeight, parameters.newWidth) }
    configuration.isColor = parameters.isColor
    configuration.transform = transform(definition)
    (configuration.badData, configuration.shard) = (badData, shard)
    configuration.place = place
    return configuration
  }

  /// What an HDF5Data layer asks of its files.
  func rows(_ definition: LayerDefinition) -> HDF5Configuration {
    let parameters = definition.parameters(HDF5DataParameters.self)
    var configuration = HDF5Configuration(
      source: place.find(parameters.source ?? ""), datasets: definition.tops.map(\.name), batchSize: parameters.batchSize)
    configuration.shuffle = parameters.shuffle
    (configuration.seed, configuration.shard) = (seed, shard)
    configuration.place = place
    return configuration
  }

  /// What a WindowData layer asks of its file.
  ///
  /// - Throws: what reading the mean file throws.
  func windows(_ definition: LayerDefinition) throws -> WindowConfiguration {
    let parameters = definition.parameters(WindowDataParameters.self)
    let transform = transform(definition)
    var configuration = WindowConfiguration(
      source: place.find(parameters.source ?? ""), batchSize: parameters.batchSize, cropSize: transform.cropSize, seed: seed)
    configuration.rootFolder = parameters.rootFolder
    (configuration.foregroundThreshold, configuration.backgroundThreshold) = (parameters.fgThreshold, parameters.bgThreshold)
    configuration.foregroundFraction = parameters.fgFraction
    configuration.contextPad = parameters.contextPad
    configuration.cropMode = WindowConfiguration.CropMode(rawValue: parameters.cropMode) ?? .warp
    configuration.mirrors = transform.mirror
    // The upgrade of V1 files moves the scale to transform_param, where Caffe forgets it.
    configuration.scale = parameters.scale != 1 ? parameters.scale : transform.scale
    configuration.meanValues = transform.meanValue
    configuration.mean = try transform.meanFile.map { try MeanImage(contentsOf: $0) }
    configuration.cachesImages = parameters.cacheImages
    (configuration.badData, configuration.shard) = (badData, shard)
    configuration.place = place
    return configuration
  }

  /// The batches of a MemoryData layer.
  func memory(_ definition: LayerDefinition, phase: Phase) -> MemoryConfiguration {
    let parameters = definition.parameters(MemoryDataParameters.self)
    var configuration = MemoryConfiguration(
      layer: definition.name,
      shape: Shape([parameters.batchSize, parameters.channels, parameters.height, parameters.width]), phase: phase, seed: seed)
    (configuration.transform, configuration.shard) = (transform(definition), shard)
    return configuration
  }

  /// - Throws: `UnreadSourceError` when the program has nothing for the layer.
  func memoryData(of definition: LayerDefinition) throws(UnreadSourceError) -> MemoryData {
    guard let data = memory[definition.name] else {
      throw UnreadSourceError(
        layer: definition.name, reason: "a MemoryData layer gets its data from the program around the net (NetOptions.memoryData)"
      )
    }
    return data
  }

  private func transform(_ definition: LayerDefinition) -> TransformationParameter {
    var transform = definition.transform ?? TransformationParameter()
    transform.meanFile = transform.meanFile.map(place.find)
    return transform
  }
}
