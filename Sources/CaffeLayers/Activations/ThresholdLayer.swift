import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `threshold_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ThresholdParameters: LayerParameters {
  /// What x has to be above.
  public var threshold: Float = 0
  public init() {}
  public static let messageName = "ThresholdParameter"
  public static let fields: [Field<ThresholdParameters>] = [Field("threshold", 1, \.threshold)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("threshold_param", 128, v1: 25, schema)
}

/// y = 1 where x > threshold, 0 elsewhere. There is no gradient, and none may be asked for.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "on" type: "Threshold" bottom: "x" top: "y" threshold_param { threshold: 0.4 } }
/// ```
///
/// - Difference: asking for a gradient through it is an error before anything is computed; in Caffe 1.0 backward then ends the
///   process.
public struct ThresholdLayer: Layer {
  public static let type = "Threshold"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let threshold: Float

  public init(_ parameters: ThresholdParameters, in context: LayerContext) { threshold = parameters.threshold }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, allowsInPlace: true, independence: .elements)
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = x[i] > threshold ? 1 : 0 }
  }
}
