import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `prelu_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct PReLUParameters: LayerParameters {
  /// First values of the slopes; 0.25 when absent.
  public var filler: FillerParameter?
  /// One slope for all channels instead of one each.
  public var channelShared = false
  public init() {}
  public static let messageName = "PReLUParameter"
  public static let fields: [Field<PReLUParameters>] = [
    Field("filler", 1, \.filler), Field("channel_shared", 2, \.channelShared),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("prelu_param", 131, schema)
}

/// y = max(0, x) + slope[c] · min(0, x) with learned slopes. He et al., ICCV 2015.
///
/// ```prototxt
/// # x: 2x3x4x5
/// layer { name: "prelu" type: "PReLU" bottom: "x" top: "y" prelu_param { filler { value: 0.1 } } }
/// ```
public struct PReLULayer: Layer {
  public static let type = "PReLU"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: PReLUParameters

  public init(_ parameters: PReLUParameters, in context: LayerContext) { self.parameters = parameters }

  /// N×C×…; slopes: (C), or one scalar when shared.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 2 else { throw ShapeError("needs a bottom with at least 2 axes") }
    let slopes = parameters.channelShared ? Shape([]) : Shape([bottoms[0][1]])
    let filler = parameters.filler ?? FillerParameter(constant: 0.25)
    return LayerSignature(
      tops: bottoms, weights: [WeightSpec(slopes, filler)], backwardReads: [.bottom(0)], allowsInPlace: true,
      independence: .items, primitive: .prelu)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, slopes) = (io.bottoms[0], io.tops[0], io.weights[0])
    eachChannel(x.shape) { channel, range in
      let slope = slopes[parameters.channelShared ? 0 : channel]
      for i in range { y[i] = x[i] > 0 ? x[i] : slope * x[i] }
    }
  }

  /// dx = dy · (x > 0 ? 1 : slope), dslope = Σ dy · x over x ≤ 0
  public func backward(_ io: BackwardIO) {
    let (x, dy, slopes) = (io.bottoms[0], io.topDiffs[0], io.weights[0])
    eachChannel(x.shape) { channel, range in
      let place = parameters.channelShared ? 0 : channel
      if let dslope = io.weightDiffs[0] {
        dslope[place] += range.reduce(Float(0)) { x[$1] > 0 ? $0 : $0 + dy[$1] * x[$1] }
      }
      if let dx = io.bottomDiffs[0] {
        for i in range { dx[i] = x[i] > 0 ? dy[i] : slopes[place] * dy[i] }
      }
    }
  }
}

/// Calls `body` with each channel's index and the stretch of elements it covers in each item.
func eachChannel(_ shape: Shape, _ body: (Int, Range<Int>) -> Void) {
  let channels = shape.rank > 1 ? shape[1] : 1
  let inner = shape.rank > 1 ? shape.count(from: 2) : 1
  for block in 0..<(shape.rank > 0 ? shape[0] : 1) * channels {
    body(block % channels, block * inner..<(block + 1) * inner)
  }
}
