import Caffe
import CaffeCore
import CaffeDraw
import CaffeFormat
import CaffeGraph
import CaffeZoo

/// A model's drawing for an index's page.
enum ModelPicture {
  /// Draws a model's deploy net from left to right.
  ///
  /// - Returns: an SVG picture; nil for a model without a deploy.prototxt.
  /// - Throws: `Diagnostics` for a net that is wrong, `Graphviz.Failure`.
  static func svg(_ model: FetchedModel) throws -> [UInt8]? {
    guard let bytes = model.files.first(where: { $0.key.description == "deploy.prototxt" })?.value else { return nil }
    let registry = NetOptions().registry
    let file = SourceFile(name: "\(model.source.title): deploy.prototxt", bytes: bytes)
    let definition = try NetDefinition(file, schema: registry.schema)
    let state = NetState(phase: .TEST)
    let shaped = try? ShapedGraph(NetGraph(definition, state: state, registry: registry), registry: registry)
    let drawing = shaped.map { NetDrawing($0) } ?? NetDrawing(definition, state: state)
    return try Graphviz().picture(of: DotText(drawing, direction: .leftToRight, style: .layers), as: .svg)
  }

  /// Draws a model and keeps the drawing beside the index. Without a drawing the page has a card without one.
  static func keep(_ model: FetchedModel, for entry: IndexEntry, in directory: String) throws {
    do { try IndexRepository.writePicture(try svg(model), of: entry, in: directory) } catch {
      Console.note("\(entry.name) has no drawing: \(error)")
    }
  }

  /// The drawings that an index's page shows: those kept beside it, and bundled models' as they are drawn now.
  static func all(of index: ZooIndex, in directory: String) -> [String: [UInt8]] {
    var pictures: [String: [UInt8]] = [:]
    for entry in index.entries {
      pictures[entry.name] = IndexRepository.picture(of: entry, in: directory) ?? bundled(entry.source)
    }
    return pictures
  }

  private static func bundled(_ source: ModelSource) -> [UInt8]? {
    guard case .bundled(let name) = source, let model = BundledModels.model(named: name) else { return nil }
    do { return try svg(model) } catch {
      Console.note("\(name) has no drawing: \(error)")
      return nil
    }
  }
}
