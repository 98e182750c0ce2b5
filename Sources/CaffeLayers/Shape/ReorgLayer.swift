import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `reorg_param`, by their prototxt names; defaults are those of Darknet.
public struct ReorgParameters: LayerParameters {
  public var stride = 2
  /// Makes the plane larger and the channels fewer, instead of the other way round.
  public var reverse = false
  public init() {}
  public static let messageName = "ReorgParameter"
  public static let fields: [Field<ReorgParameters>] = [
    Field("stride", 1, \.stride, as: .uint32), Field("reverse", 2, \.reverse),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("reorg_param", 159, schema)
}

/// Trades places for channels: C×H×W becomes (C·s²)×(H/s)×(W/s), with `reverse` (C/s²)×(H·s)×(W·s). Redmon and Farhadi, YOLO9000,
/// CVPR 2017.
///
/// The order is Darknet's, which the trained nets of YOLO v2 rely on. With `reverse` it is what one expects: element (k, y, x),
/// with k = (i · s + j) · C/s² + c, goes to row y · s + i and column x · s + j of channel c. Without, the elements of the
/// bottom are first taken, in their order in memory, for a blob (C/s²)×(H·s)×(W·s), that is taken apart by the inverse of the
/// same rule into C×H×W, and the result, again in its order in memory, is called (C·s²)×(H/s)×(W/s). It is not the plain
/// cutting into s×s squares.
///
/// ```prototxt
/// # x: 2x4x6x6
/// layer { name: "reorg" type: "Reorg" bottom: "x" top: "y" reorg_param { stride: 2 } }
/// ```
///
/// - Dialect: the ports of YOLO v2, which all have Darknet's order.
public struct ReorgLayer: Layer {
  public static let type = "Reorg"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let step: Int
  private let isReverse: Bool

  public init(_ parameters: ReorgParameters, in context: LayerContext) throws(LayerError) {
    guard (1...1 << 15).contains(parameters.stride) else {
      throw LayerError("stride must be 1 to \(1 << 15)", field: "stride")
    }
    step = parameters.stride
    isReverse = parameters.reverse
  }

  /// N×C×H×W → N×(C·s²)×(H/s)×(W/s); with `reverse` N×(C/s²)×(H·s)×(W·s). C must be a multiple of s² in both.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 4 else { throw ShapeError("needs a bottom with 4 axes (N, C, H, W), found \(bottoms[0])") }
    let (channels, height, width) = (bottoms[0][1], bottoms[0][2], bottoms[0][3])
    guard channels % (step * step) == 0 else {
      throw ShapeError("\(channels) channels are no multiple of stride · stride, \(step * step)")
    }
    guard isReverse || (height % step == 0 && width % step == 0) else {
      throw ShapeError("a plane of \(height)x\(width) does not split into steps of \(step)")
    }
    let inner =
      isReverse
      ? [channels / (step * step), height * step, width * step] : [channels * step * step, height / step, width / step]
    return LayerSignature(tops: [try Shape(validating: [bottoms[0][0]] + inner)], independence: .items)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    eachElement(x.shape) { deep, wide in
      if isReverse { y[wide] = x[deep] } else { y[deep] = x[wide] }
    }
  }

  /// Each element's gradient goes back to where the element came from.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    eachElement(dx.shape) { deep, wide in
      if isReverse { dx[deep] = dy[wide] } else { dx[wide] = dy[deep] }
    }
  }

  /// Calls `body` with each element's index as one of C×H×W and as one of (C/s²)×(H·s)×(W·s).
  private func eachElement(_ shape: Shape, _ body: (_ deep: Int, _ wide: Int) -> Void) {
    let (height, width, fewer) = (shape[2], shape[3], shape[1] / (step * step))
    for index in 0..<shape.count {
      let (x, y, channel) = (index % width, index / width % height, index / (width * height) % shape[1])
      let (item, square) = (index / (width * height * shape[1]), channel / fewer)
      let (row, column) = (y * step + square / step, x * step + square % step)
      body(index, ((item * fewer + channel % fewer) * height * step + row) * width * step + column)
    }
  }
}
