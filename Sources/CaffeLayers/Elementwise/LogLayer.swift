import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `log_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct LogParameters: LayerParameters {
  /// The base, above 0; −1 stands for e.
  public var base: Float = -1
  /// What x is multiplied with.
  public var scale: Float = 1
  /// What is added to scale · x.
  public var shift: Float = 0
  public init() {}
  public static let messageName = "LogParameter"
  public static let fields: [Field<LogParameters>] = [
    Field("base", 1, \.base), Field("scale", 2, \.scale), Field("shift", 3, \.shift),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("log_param", 134, schema)
}

/// y = log(shift + scale · x) to the given base.
///
/// ```prototxt
/// # x: 2x3x4x5 in 0.1...4
/// layer { name: "log" type: "Log" bottom: "x" top: "y" log_param { base: 10 shift: 1 } }
/// ```
///
/// - Difference: in place its gradient is right; Caffe 1.0 takes it from y instead of x there.
public struct LogLayer: Layer {
  public static let type = "Log"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let scale, shift: Float
  /// What turns natural logarithms into those of the base.
  private let factor: Float

  public init(_ parameters: LogParameters, in context: LayerContext) throws(LayerError) {
    factor = 1 / (try logarithm(ofBase: parameters.base))
    guard factor.isFinite else { throw LayerError("there are no logarithms to base \(parameters.base)", field: "base") }
    (scale, shift) = (parameters.scale, parameters.shift)
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements,
      primitive: (factor, scale, shift) == (1, 1, 0) ? .elementary(.logarithm) : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    y.setEach(x) { logarithm(scale * $0 + shift) * factor }
  }

  /// dx = dy · scale / log(base) / (shift + scale · x)
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = dy[i] * scale * factor / (scale * x[i] + shift) }
  }
}
