import CaffeFormat
import CaffeGraph

/// What a layer's type says of itself.
struct LayerFacts {
  let type: String
  /// The name of the Swift type.
  let swiftName: String
  let bottoms: ClosedRange<Int>
  let tops: ClosedRange<Int>
  let role: LayerRole
  /// The field of LayerParameter that holds its parameters.
  let field: LayerField?

  init<L: Layer>(_ layer: L.Type) {
    type = L.type
    swiftName = String(describing: layer)
    (bottoms, tops, role) = (L.bottoms, L.tops, L.role)
    field = L.Parameters.placement
  }

  /// The facts of every layer of a registry, by type.
  static func all(_ registry: LayerRegistry) -> [LayerFacts] {
    registry.typeNames.compactMap { registry[$0] }.map { LayerFacts($0) }
  }
}
