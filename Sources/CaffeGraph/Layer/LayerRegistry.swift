import CaffeCore
import CaffeFormat

/// The layers a program knows: an explicit list, by type name.
public struct LayerRegistry: Sendable {
  private let types: [String: any Layer.Type]
  private var pythonTypes: [PythonName: any Layer.Type] = [:]
  /// Whose names are meant where forks gave one name to different things.
  public private(set) var dialect = Dialect.any
  /// The prototxt and wire schema over these layers.
  public private(set) var schema: NetSchema

  private struct PythonName: Hashable {
    let module: String
    let layer: String
  }

  public init(_ layers: [any Layer.Type]) {
    types = Dictionary(layers.map { ($0.type, $0) }) { _, last in last }
    schema = NetSchema(layerFields: layers.compactMap { LayerRegistry.placement(of: $0) })
  }

  /// The registry with layers of one's own added; one of the same type name replaces.
  public func adding(_ layers: (any Layer.Type)...) -> LayerRegistry {
    var result = LayerRegistry(
      types.values.sorted { $0.type < $1.type }.filter { old in !layers.contains { $0.type == old.type } } + layers)
    result.pythonTypes = pythonTypes
    result.dialect = dialect
    return schema.allowsUnknown ? result.allowingUnknown() : result
  }

  /// The registry with a layer that takes the place of a Python one: of `type: "Python"` with that module and layer. What the file
  /// passes to it is in `PythonParameters`.
  public func adding(_ type: any Layer.Type, forPythonLayer layer: String, ofModule module: String) -> LayerRegistry {
    var result = self
    result.pythonTypes[PythonName(module: module, layer: layer)] = type
    return result
  }

  /// The registry for files of one fork.
  public func reading(_ dialect: Dialect) -> LayerRegistry {
    var result = self
    result.dialect = dialect
    return result
  }

  /// The registry with a schema that passes over what it does not know, with a warning.
  public func allowingUnknown() -> LayerRegistry {
    var result = self
    result.schema = NetSchema(layerFields: schema.layerFields, allowsUnknown: true)
    return result
  }

  /// The type names, sorted.
  public var typeNames: [String] { types.keys.sorted() }

  public subscript(type: String) -> (any Layer.Type)? { types[type] }

  /// The field of LayerParameter that holds the parameters of a layer; nil for a layer without any, and for a type that is not
  /// registered.
  public func parameterField(of type: String) -> LayerField? { types[type].flatMap { LayerRegistry.placement(of: $0) } }

  /// The layer type of a definition; that of a Python layer is the one registered for its module and layer.
  public func type(of definition: LayerDefinition) -> (any Layer.Type)? {
    if definition.type == PythonParameters.layerType {
      let parameters = definition.parameters(PythonParameters.self)
      let name = PythonName(module: parameters.module ?? "", layer: parameters.layer ?? "")
      if let own = pythonTypes[name] { return own }
    }
    return types[definition.type]
  }

  /// Makes a layer from its definition.
  ///
  /// - Throws: `LayerError` when a parameter is wrong.
  static func make<L: Layer>(_ type: L.Type, in context: LayerContext) throws(LayerError) -> L {
    try L(context.definition.parameters(L.Parameters.self), in: context)
  }

  private static func placement<L: Layer>(of type: L.Type) -> LayerField? { L.Parameters.placement }
}
