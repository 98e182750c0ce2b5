import CaffeCore
import CaffeData
import CaffeFormat
import CaffeGraph
import CaffeLayers

/// The shapes of data layers, from their data.
enum DataShapes {
  /// The answer for a net whose files are found at `place`.
  ///
  /// - Parameter phase: the net's, which decides whether pictures are varied.
  static func shapes(
    _ place: FilePlace, phase: Phase?, badData: BadDataPolicy = BadDataPolicy()
  ) -> ShapedGraph.SourceShapes {
    let context = DataContext(seed: 0, place: place, badData: badData)
    return { definition in
      let phase = definition.phase ?? phase ?? .TEST
      switch definition.type {
      case DataLayer.type: return tops(of: definition, try DatabaseSource.shapes(of: context.database(definition, phase: phase)))
      case HDF5DataLayer.type: return try HDF5Source.shapes(of: context.rows(definition))
      case ImageDataLayer.type:
        return tops(of: definition, try ImageListSource.shapes(of: context.imageList(definition, phase: phase)))
      case WindowDataLayer.type:
        let windows = try context.windows(definition)
        return [[windows.batchSize, 3, windows.cropSize, windows.cropSize], [windows.batchSize]]
      case MemoryDataLayer.type:
        let shape = context.memory(definition, phase: phase).shape
        return [shape, [shape[0]]]
      default: throw ShapeError(unread(definition.type))
      }
    }
  }

  private static func tops(of definition: LayerDefinition, _ shapes: (data: Shape, labels: Shape)) -> [Shape] {
    Array([shapes.data, shapes.labels].prefix(definition.tops.count))
  }

  /// What is said of a layer whose kind of source there is not.
  static func unread(_ type: String) -> String { "data of \(type) layers is not read here yet" }
}
