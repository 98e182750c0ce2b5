import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `scale_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ScaleParameters: LayerParameters {
  /// The first axis that the scale covers.
  public var axis = 1
  /// How many axes it covers: −1 for all from `axis` on, 0 for a single number. A second bottom's axes count instead.
  public var numAxes = 1
  /// First values of a learned scale; 1 when absent.
  public var filler: FillerParameter?
  /// Whether a learned bias of the same shape is added.
  public var biasTerm = false
  /// First values of that bias; 0 when absent.
  public var biasFiller = FillerParameter()
  public init() {}
  public static let messageName = "ScaleParameter"
  public static let fields: [Field<ScaleParameters>] = [
    Field("axis", 1, \.axis), Field("num_axes", 2, \.numAxes), Field("filler", 3, \.filler), Field("bias_term", 4, \.biasTerm),
    Field("bias_filler", 5, \.biasFiller),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("scale_param", 142, schema)
}

/// y = x · scale (+ bias), where scale covers some of x's axes and repeats along the others. The scale is learned, or a second
/// bottom.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "scale" type: "Scale" bottom: "x" top: "y" scale_param { bias_term: true } }
/// ```
public struct ScaleLayer: Layer {
  public static let type = "Scale"
  public static let bottoms = 1...2
  public static let tops = 1...1
  private let parameters: ScaleParameters
  private let broadcast: Broadcast
  private let isLearned: Bool

  public init(_ parameters: ScaleParameters, in context: LayerContext) throws(LayerError) {
    broadcast = try Broadcast(axis: parameters.axis, numAxes: parameters.numAxes, name: "scale")
    self.parameters = parameters
    isLearned = context.bottomCount == 1
  }

  /// Any shape; scale: the axes from `axis` on, `num_axes` of them (−1: all, 0: a scalar), or bottom 1's shape.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let scale = try broadcast.shape(bottoms)
    var weights = isLearned ? [WeightSpec(scale, parameters.filler ?? FillerParameter(constant: 1))] : []
    if parameters.biasTerm { weights.append(WeightSpec(scale, parameters.biasFiller)) }
    let axis = scale.rank == 1 ? try bottoms[0].canonical(axis: parameters.axis) : 0
    let isPerChannel = isLearned && bottoms[0].rank >= 2 && axis == 1
    return LayerSignature(
      tops: [bottoms[0]], weights: weights, backwardReads: isLearned ? [.bottom(0)] : [.bottom(0), .bottom(1)],
      allowsInPlace: true, independence: isLearned && axis > 0 ? .items : nil,
      primitive: isPerChannel ? .scaleChannels : nil)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    let scale = isLearned ? io.weights[0] : io.bottoms[1]
    // A BatchNorm worked in has brought a bias, whatever `bias_term` says.
    let bias = io.weights.count > (isLearned ? 1 : 0) ? io.weights.last : nil
    broadcast.eachRun(x.shape, scale.shape) { place, range in
      let (factor, shift) = (scale[place], bias?[place] ?? 0)
      for i in range { y[i] = x[i] * factor + shift }
    }
  }

  /// dx = dy · scale, dscale = Σ dy · x, dbias = Σ dy
  public func backward(_ io: BackwardIO) {
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    let scale = isLearned ? io.weights[0] : io.bottoms[1]
    let scaleDiff = isLearned ? io.weightDiffs[0] : io.bottomDiffs[1]
    let biasDiff = parameters.biasTerm ? io.weightDiffs.last ?? nil : nil
    if !isLearned { scaleDiff?.fill(0) }
    broadcast.eachRun(x.shape, scale.shape) { place, range in
      scaleDiff?[place] += range.reduce(Float(0)) { $0 + dy[$1] * x[$1] }
      biasDiff?[place] += range.reduce(Float(0)) { $0 + dy[$1] }
      if let dx = io.bottomDiffs[0] { for i in range { dx[i] = dy[i] * scale[place] } }
    }
  }
}
