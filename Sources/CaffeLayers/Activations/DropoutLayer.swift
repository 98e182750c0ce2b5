import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `dropout_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct DropoutParameters: LayerParameters {
  /// The probability of dropping an element, above 0 and below 1.
  public var dropoutRatio: Float = 0.5
  /// Drops elements in testing too, for nets that are run several times to see how sure they are.
  public var sampleWeightsTest = false
  /// Whether training scales what is left by 1/(1 − ratio); if not, testing scales everything by 1 − ratio.
  public var scaleTrain = true
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "DropoutParameter"
  public static let fields: [Field<DropoutParameters>] = [
    Field("dropout_ratio", 1, \.dropoutRatio), Field("sample_weights_test", 2, \.sampleWeightsTest),
    Field("scale_train", 3, \.scaleTrain), Field("engine", 1002, \.engine),
  ]
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
/// - Dialect: `sample_weights_test` is Bayesian SegNet's (Kendall et al., BMVC 2017); `scale_train` is that of yjxiong's fork
///   and those after it; NVIDIA's `engine` is read and kept, with number 1002, since 2 is SegNet's field.
public struct DropoutLayer: Layer {
  public static let type = "Dropout"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let ratio: Float
  private let isActive: Bool
  /// What is left, or without dropping everything, is scaled by this.
  private let factor: Float

  public init(_ parameters: DropoutParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.dropoutRatio > 0, parameters.dropoutRatio < 1 else {
      throw LayerError("dropout_ratio must lie between 0 and 1, it is \(parameters.dropoutRatio)", field: "dropout_ratio")
    }
    ratio = parameters.dropoutRatio
    isActive = context.phase == .TRAIN || parameters.sampleWeightsTest
    factor = isActive ? (parameters.scaleTrain ? 1 / (1 - ratio) : 1) : (parameters.scaleTrain ? 1 : 1 - ratio)
  }

  /// Any shape; the top has it too. Saved: the factor of each element.
  public func signature(of bottoms: [Shape]) -> LayerSignature {
    LayerSignature(
      tops: bottoms, saved: isActive ? bottoms : [], allowsInPlace: true, independence: .orderedElements,
      primitive: isActive || factor != 1 ? nil : .view)
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    guard isActive else {
      for i in 0..<x.count { y[i] = factor * x[i] }
      return
    }
    draw(io.saved[0], from: io.firstElement, io.random)
    y.setEach(x, io.saved[0]) { $0 * $1 }
  }

  /// The factor of each element; pieces of a blob begin at multiples of 4, as the draws come in fours.
  private func draw(_ mask: TensorView, from first: Int, _ random: RandomStream) {
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 32) { draws in
      for start in stride(from: 0, to: mask.count, by: 32) {
        random.wideBlock(UInt64((first + start) / 4), into: draws)
        for lane in 0..<min(32, mask.count - start) {
          mask[start + lane] = RandomStream.unit(draws[lane]) >= ratio ? factor : 0
        }
      }
    }
  }

  /// dx = dy · factor in training, dy in testing.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let dy = io.topDiffs[0]
    for i in 0..<dx.count { dx[i] = dy[i] * (isActive ? io.saved[0][i] : factor) }
  }
}
