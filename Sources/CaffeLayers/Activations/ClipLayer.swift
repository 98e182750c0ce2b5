import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `clip_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ClipParameters: LayerParameters {
  /// The smallest value of y; it has to be given.
  public var min: Float?
  /// The largest value of y; it has to be given and must not lie below `min`.
  public var max: Float?
  public init() {}
  public static let messageName = "ClipParameter"
  public static let fields: [Field<ClipParameters>] = [Field("min", 1, \.min), Field("max", 2, \.max)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("clip_param", 148, schema)
}

/// y = x, held between `min` and `max`: y = min(max(x, `min`), `max`).
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "clip" type: "Clip" bottom: "x" top: "y" clip_param { min: -0.5 max: 0.5 } }
/// ```
///
/// - Difference: NaN stays NaN; Caffe 1.0 makes it `min` on the CPU and `max` on the GPU.
public struct ClipLayer: Layer {
  public static let type = "Clip"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let low, high: Float

  public init(_ parameters: ClipParameters, in context: LayerContext) throws(LayerError) {
    guard let low = parameters.min, let high = parameters.max else {
      throw LayerError("\(parameters.min == nil ? "min" : "max") is missing", field: "clip_param")
    }
    guard low <= high else { throw LayerError("min \(low) is not below max \(high)", field: "min") }
    (self.low, self.high) = (low, high)
  }

  /// Any shape; the top has it too.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: bottoms, backwardReads: [.bottom(0)], allowsInPlace: true, independence: .elements)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    for i in 0..<x.count { y[i] = x[i] < low ? low : x[i] > high ? high : x[i] }
  }

  /// dx = dy where min ≤ x ≤ max, 0 elsewhere.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    for i in 0..<dx.count { dx[i] = x[i] >= low && x[i] <= high ? dy[i] : 0 }
  }
}
