import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `norm_param`, by their prototxt names; defaults are those of SSD.
public struct NormalizeParameters: LayerParameters {
  /// Whether the norm is that of a whole item; else each place has its own, over the channels.
  public var acrossSpatial = true
  /// The scale is 1 at first when absent.
  public var scaleFiller: FillerParameter?
  /// Whether all channels have one scale.
  public var channelShared = true
  /// What is added to the squared norm.
  public var eps: Float = 1e-10
  public init() {}
  public static let messageName = "NormalizeParameter"
  public static let fields: [Field<NormalizeParameters>] = [
    Field("across_spatial", 1, \.acrossSpatial), Field("scale_filler", 2, \.scaleFiller),
    Field("channel_shared", 3, \.channelShared), Field("eps", 4, \.eps),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("norm_param", 206, schema)
}

/// y = scale · x / √(Σ x² + eps), the sum over the channels of a place or over a whole item. Liu et al., ParseNet, 2015.
///
/// The scale is learned, one for each channel or one for all.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer {
///   name: "norm" type: "Normalize" bottom: "x" top: "y"
///   norm_param { across_spatial: false channel_shared: false scale_filler { value: 20 } }
/// }
/// ```
///
/// - Dialect: ParseNet, SSD and the forks that took it over agree.
public struct NormalizeLayer: Layer {
  public static let type = "Normalize"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: NormalizeParameters

  public init(_ parameters: NormalizeParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.eps >= 0 else { throw LayerError("eps must not be negative", field: "eps") }
    self.parameters = parameters
  }

  /// N×C×…; the top has the same shape. Scale: (C), or () when shared. Saved: the norms, N or N×….
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 2 else { throw ShapeError("needs a bottom with at least 2 axes (N, C, ...)") }
    let norms = parameters.acrossSpatial ? [bottoms[0][0]] : [bottoms[0][0]] + bottoms[0].dims[2...]
    let scale = WeightSpec(
      parameters.channelShared ? [] : [bottoms[0][1]], parameters.scaleFiller ?? FillerParameter(constant: 1))
    return LayerSignature(
      tops: bottoms, weights: [scale], saved: [Shape(norms)], backwardReads: [.bottom(0)], independence: .items)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, scale, norms) = (io.bottoms[0], io.tops[0], io.weights[0], io.saved[0])
    for group in groups(x.shape) {
      let sum = group.sum { Double(x[$0]) * Double(x[$0]) }
      norms[group.index] = (Float(sum) + parameters.eps).squareRoot()
      group.each { y[$0] = scale[parameters.channelShared ? 0 : $1] * (x[$0] / norms[group.index]) }
    }
  }

  /// With n = √(Σ x² + eps): dx = (scale · dy − x · Σ scale · dy · x / n²) / n, dscale = Σ dy · x / n
  public func backward(_ io: BackwardIO) {
    let (x, dy, scale, norms) = (io.bottoms[0], io.topDiffs[0], io.weights[0], io.saved[0])
    for group in groups(x.shape) {
      let norm = norms[group.index]
      if let ds = io.weightDiffs[0] {
        group.each { ds[parameters.channelShared ? 0 : $1] += dy[$0] * (x[$0] / norm) }
      }
      guard let dx = io.bottomDiffs[0] else { continue }
      group.each { dx[$0] = scale[parameters.channelShared ? 0 : $1] * dy[$0] }
      let share = Float(group.sum { Double(dx[$0]) * Double(x[$0]) }) / norm / norm
      group.each { index, _ in dx[index] = (dx[index] - x[index] * share) / norm }
    }
  }

  /// The elements that have one norm: `inner` places in each channel of an item, or one.
  private struct Group {
    let index: Int
    let start: Int
    let channels: Int
    let places: Int
    let inner: Int

    @inline(__always)
    func each(_ body: (_ index: Int, _ channel: Int) -> Void) {
      for channel in 0..<channels {
        for place in 0..<places { body(start + channel * inner + place, channel) }
      }
    }

    @inline(__always)
    func sum(_ term: (Int) -> Double) -> Double {
      var sum = 0.0
      each { index, _ in sum += term(index) }
      return sum
    }
  }

  private func groups(_ shape: Shape) -> some Sequence<Group> {
    let (channels, inner) = (shape[1], shape.count(from: 2))
    let isWhole = parameters.acrossSpatial
    return (0..<(isWhole ? shape[0] : shape[0] * inner)).lazy.map { index in
      let (item, place) = isWhole ? (index, 0) : (index / inner, index % inner)
      return Group(
        index: index, start: item * channels * inner + place, channels: channels, places: isWhole ? inner : 1, inner: inner)
    }
  }
}
