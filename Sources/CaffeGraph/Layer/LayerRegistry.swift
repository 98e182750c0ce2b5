import CaffeCore
import CaffeFormat

/// The layers a program knows: an explicit list, by type name.
public struct LayerRegistry: Sendable {
  private let types: [String: any Layer.Type]
  /// The prototxt and wire schema over these layers.
  public let schema: NetSchema

  public init(_ layers: [any Layer.Type]) {
    types = Dictionary(layers.map { ($0.type, $0) }) { _, last in last }
    schema = NetSchema(layerFields: layers.compactMap { LayerRegistry.placement(of: $0) })
  }

  /// The registry with layers of one's own added; one of the same type name replaces.
  public func adding(_ layers: (any Layer.Type)...) -> LayerRegistry {
    LayerRegistry(types.values.sorted { $0.type < $1.type }.filter { old in !layers.contains { $0.type == old.type } } + layers)
  }

  /// The type names, sorted.
  public var typeNames: [String] { types.keys.sorted() }

  public subscript(type: String) -> (any Layer.Type)? { types[type] }

  /// Makes a layer from its definition.
  ///
  /// - Throws: `LayerError` when a parameter is wrong.
  static func make<L: Layer>(_ type: L.Type, in context: LayerContext) throws(LayerError) -> L {
    try L(context.definition.parameters(L.Parameters.self), in: context)
  }

  private static func placement<L: Layer>(of type: L.Type) -> LayerField? { L.Parameters.placement }
}
