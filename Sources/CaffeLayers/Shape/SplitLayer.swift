import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `split_param`, by their prototxt names: Intel's fork has it, for layers it makes itself.
public struct SplitParameters: LayerParameters {
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "SplitParameter"
  public static let fields: [Field<SplitParameters>] = [Field("engine", 1, \.engine)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("split_param", 208, schema)
}

/// Gives one blob several names: every top is y = x. Caffe inserted these where a blob has several readers; written out it does
/// the same.
///
/// ```prototxt
/// # x: 2x3
/// layer { name: "split" type: "Split" bottom: "x" top: "a" top: "b" }
/// ```
///
/// - Dialect: Intel's `split_param` is read and kept; its number there, 147, is `swish_param` in Caffe 1.0, and so it is 208
///   here.
public struct SplitLayer: Layer {
  public static let type = "Split"
  public static let bottoms = 1...1
  public static let tops = 1...Int.max
  private let topCount: Int

  public init(_ parameters: SplitParameters, in context: LayerContext) { topCount = context.topCount }

  /// Every top has the bottom's shape.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(tops: [Shape](repeating: bottoms[0], count: topCount), primitive: topCount == 1 ? .view : nil)
  }

  public func forward(_ io: ForwardIO) {
    for top in io.tops { top.copy(from: io.bottoms[0]) }
  }

  /// dx = Σ dy
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    dx.copy(from: io.topDiffs[0])
    for dy in io.topDiffs.dropFirst() { for i in 0..<dx.count { dx[i] += dy[i] } }
  }
}
