import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `dropout_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct DropoutParameters: LayerParameters {
  /// The probability of dropping an element, above 0 and below 1.
  public var dropoutRatio: Float = 0.5
  public init() {}
  public static let messageName = "DropoutParameter"
  public static let fields: [Field<DropoutParameters>] = [Field("dropout_ratio", 1, \.dropoutRatio)]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("dropout_param", 108, v1: 12, schema)
}

/// In training, drops each element with probability `dropout_ratio` and scales the others by 1/(1 − ratio), so that testing is
/// the identity. Srivastava et al., JMLR 2014.
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "drop" type: "Dropout" bottom: "x" top: "y" dropout_param { dropout_ratio: 0.3 } }
/// ```
///
/// - Difference: what is dropped depends on the seed, the layer, the iteration and the element's place; in Caffe 1.0 on the order
///   of all draws.
public struct DropoutLayer: Layer {
  public static let type = "Dropout"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let ratio: Float
  private let isActive: Bool

  public init(_ parameters: DropoutParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.dropoutRatio > 0, parameters.dropoutRatio < 1 else {
      throw LayerError("dropout_ratio must lie between 0 and 1, it is \(parameters.dropoutRatio)", field: "dropout_ratio")
    }
    ratio = parameters.dropoutRatio
    isActive = context.phase == .TRAIN
  }

  /// Any shape; the top has it too. Saved: the factor of each element.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, saved: isActive ? bottoms : [], allowsInPlace: true, independence: .orderedElements,
      primitive: isActive ? nil : .view)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    guard isActive else { return y.copy(from: x) }
    let (mask, factor) = (io.saved[0], 1 / (1 - ratio))
    for block in 0..<(x.count + 3) / 4 {
      let draws = io.random.block(UInt64(io.firstElement / 4 + block))  // pieces begin at multiples of 4
      for lane in 0..<min(4, x.count - block * 4) {
        let i = block * 4 + lane
        mask[i] = RandomStream.unit(draws[lane]) >= ratio ? factor : 0
        y[i] = x[i] * mask[i]
      }
    }
  }

  /// dx = dy · factor in training, dy in testing.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    guard isActive else { return dx.copy(from: dy) }
    for i in 0..<dx.count { dx[i] = dy[i] * io.saved[0][i] }
  }
}
