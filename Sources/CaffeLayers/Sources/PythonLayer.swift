import CaffeCore
import CaffeGraph

/// A layer written in Python, by its module and class; Python does not run here.
///
/// A Swift layer that is registered for the same module and class (`LayerRegistry.adding(_:forPythonLayer:ofModule:)`) takes its
/// place and finds `param_str` in `PythonParameters`. Without one, `caffe summary` shows its tops as unknown, and running the net is
/// an error that names what it wants.
///
/// - Difference: Caffe 1.0 imports the module.
public struct PythonLayer: Layer {
  public static let type = "Python"
  public static let bottoms = 0...Int.max
  public static let tops = 0...Int.max
  private let name: String

  public init(_ parameters: PythonParameters, in context: LayerContext) throws(LayerError) {
    guard let module = parameters.module, !module.isEmpty else {
      throw LayerError("module is missing: which Python module?", field: "python_param")
    }
    guard let layer = parameters.layer, !layer.isEmpty else {
      throw LayerError("layer is missing: which class of module \"\(module)\"?", field: "python_param")
    }
    name = "layer \"\(layer)\" of Python module \"\(module)\""
  }

  /// Unknown: only the Python code could tell.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    throw ShapeError(
      "wants \(name), and Python does not run here; register a Swift layer under these names instead", isUnknown: true)
  }

  public func forward(_ io: ForwardIO) {}
}
