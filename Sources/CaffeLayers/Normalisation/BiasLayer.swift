import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `bias_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct BiasParameters: LayerParameters {
  /// The first axis that the bias covers.
  public var axis = 1
  /// How many axes it covers: −1 for all from `axis` on, 0 for a single number. A second bottom's axes count instead.
  public var numAxes = 1
  /// First values of a learned bias; 0 when absent.
  public var filler = FillerParameter()
  public init() {}
  public static let messageName = "BiasParameter"
  public static let fields: [Field<BiasParameters>] = [
    Field("axis", 1, \.axis), Field("num_axes", 2, \.numAxes), Field("filler", 3, \.filler),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("bias_param", 141, schema)
}

/// y = x + bias, where bias covers some of x's axes and repeats along the others. It is learned, or a second bottom.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "bias" type: "Bias" bottom: "x" top: "y" bias_param { axis: 1 filler { value: 0.5 } } }
/// ```
public struct BiasLayer: Layer {
  public static let type = "Bias"
  public static let bottoms = 1...2
  public static let tops = 1...1
  private let broadcast: Broadcast
  private let filler: FillerParameter
  private let isLearned: Bool

  public init(_ parameters: BiasParameters, in context: LayerContext) throws(LayerError) {
    broadcast = try Broadcast(axis: parameters.axis, numAxes: parameters.numAxes, name: "bias")
    filler = parameters.filler
    isLearned = context.bottomCount == 1
  }

  /// Any shape; bias: the axes from `axis` on, `num_axes` of them (−1: all, 0: a scalar), or bottom 1's shape.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let bias = try broadcast.shape(bottoms)
    return LayerSignature(tops: [bottoms[0]], weights: isLearned ? [WeightSpec(bias, filler)] : [], allowsInPlace: true)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    let bias = isLearned ? io.weights[0] : io.bottoms[1]
    broadcast.eachRun(x.shape, bias.shape) { place, run in for i in run { y[i] = x[i] + bias[place] } }
  }

  /// dx = dy, dbias = Σ dy
  public func backward(_ io: BackwardIO) {
    let dy = io.topDiffs[0]
    if let biasDiff = isLearned ? io.weightDiffs[0] : io.bottomDiffs[1] {
      if !isLearned { biasDiff.fill(0) }
      broadcast.eachRun(dy.shape, biasDiff.shape) { place, run in
        biasDiff[place] += run.reduce(Float(0)) { $0 + dy[$1] }
      }
    }
    io.bottomDiffs[0]?.copy(from: dy)
  }
}
