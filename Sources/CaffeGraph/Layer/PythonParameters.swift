import CaffeFormat

/// The fields of `python_param`, by their prototxt names; defaults are those of Caffe 1.0.
///
/// A Swift layer that is registered for a module and layer (`LayerRegistry.adding(_:forPythonLayer:ofModule:)`) reads them with
/// `context.definition.parameters(PythonParameters.self)`.
public struct PythonParameters: LayerParameters {
  /// The Python module that holds the layer.
  public var module: String?
  /// The class in that module.
  public var layer: String?
  /// A text for the layer, of whatever form it likes.
  public var paramStr = ""
  /// Deprecated in Caffe 1.0, which ignores it as well.
  public var shareInParallel = false
  public init() {}
  public static let messageName = "PythonParameter"
  public static let fields: [Field<PythonParameters>] = [
    Field("module", 1, \.module), Field("layer", 2, \.layer), Field("param_str", 3, \.paramStr),
    Field("share_in_parallel", 4, \.shareInParallel),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("python_param", 130, schema)
  static let layerType = "Python"
}
