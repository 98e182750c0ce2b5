import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `shuffle_channel_param`, by their prototxt names; defaults are those of ShuffleNet's port.
public struct ShuffleChannelParameters: LayerParameters {
  /// Into how many runs of channels the bottom is cut.
  public var group = 1
  public init() {}
  public static let messageName = "ShuffleChannelParameter"
  public static let fields: [Field<ShuffleChannelParameters>] = [Field("group", 1, \.group, as: .uint32)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("shuffle_channel_param", 164, schema)
}

/// Deals channels out like cards, so that grouped convolutions see each other's results: with n = C / group, channel j · group
/// + i of the top is channel i · n + j of the bottom. Zhang et al., ShuffleNet, CVPR 2018.
///
/// ```prototxt
/// # x: 2x6x3x3
/// layer { name: "shuffle" type: "ShuffleChannel" bottom: "x" top: "y" shuffle_channel_param { group: 3 } }
/// ```
///
/// - Dialect: the port of ShuffleNet and the forks that took it in.
public struct ShuffleChannelLayer: Layer {
  public static let type = "ShuffleChannel"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let group: Int

  public init(_ parameters: ShuffleChannelParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.group > 0 else { throw LayerError("group must be at least 1", field: "group") }
    group = parameters.group
  }

  /// N×C×…; the top has the same shape.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank >= 2 else { throw ShapeError("needs a bottom with at least 2 axes (N, C), found \(bottoms[0])") }
    guard bottoms[0][1] % group == 0 else { throw ShapeError("\(bottoms[0][1]) channels do not split into \(group) group(s)") }
    return LayerSignature(tops: bottoms, independence: .items)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    eachChannel(x.shape) { bottom, top, count in (y.pointer + top).update(from: x.pointer + bottom, count: count) }
  }

  /// Each channel's gradient goes back to where the channel came from.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    eachChannel(dx.shape) { bottom, top, count in (dx.pointer + bottom).update(from: dy.pointer + top, count: count) }
  }

  /// Calls `body` with where each channel begins in the bottom and in the top.
  private func eachChannel(_ shape: Shape, _ body: (_ bottom: Int, _ top: Int, _ count: Int) -> Void) {
    let (channels, count) = (shape[1], shape.count(from: 2))
    for item in 0..<shape[0] {
      for channel in 0..<channels {
        let (run, place) = (channel / (channels / group), channel % (channels / group))
        body((item * channels + channel) * count, (item * channels + place * group + run) * count, count)
      }
    }
  }
}
