import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `reduction_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct ReductionParameters: LayerParameters {
  public enum ReductionOp: Int32, ProtoEnum {
    case SUM = 1
    case ASUM = 2
    case SUMSQ = 3
    case MEAN = 4
    public static let schema = makeSchema("ReductionOp")
  }
  /// What is made of the elements: their sum, the sum of absolute values or of squares, or the mean.
  public var operation = ReductionOp.SUM
  /// The first of the axes that go; all behind it go too.
  public var axis = 0
  /// What the result is multiplied with.
  public var coeff: Float = 1
  public init() {}
  public static let messageName = "ReductionParameter"
  public static let fields: [Field<ReductionParameters>] = [
    Field("operation", 1, \.operation), Field("axis", 2, \.axis), Field("coeff", 3, \.coeff),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("reduction_param", 136, schema)
}

/// Makes one number of everything from `axis` on: y = coeff · Σ x (SUM), coeff · Σ |x| (ASUM), coeff · Σ x² (SUMSQ) or coeff · Σ
/// x / n (MEAN).
///
/// ```prototxt
/// # x: 2x3x4
/// layer { name: "mean" type: "Reduction" bottom: "x" top: "y" reduction_param { operation: MEAN axis: 1 } }
/// ```
public struct ReductionLayer: Layer {
  public static let type = "Reduction"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: ReductionParameters

  public init(_ parameters: ReductionParameters, in context: LayerContext) { self.parameters = parameters }

  /// The top has the axes before `axis`; it is a scalar for axis 0.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let readsBottom = parameters.operation == .ASUM || parameters.operation == .SUMSQ
    return LayerSignature(
      tops: [Shape(Array(bottoms[0].dims[..<axis]))], backwardReads: readsBottom ? [.bottom(0)] : [],
      independence: axis > 0 ? .items : nil)
  }

  /// What a sum over `count` elements is multiplied with.
  private func factor(_ count: Int) -> Float {
    parameters.operation == .MEAN ? parameters.coeff / Float(max(1, count)) : parameters.coeff
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms[0], io.tops[0])
    let count = x.count / max(1, y.count)
    for row in 0..<y.count {
      var sum: Float = 0
      for i in row * count..<(row + 1) * count {
        switch parameters.operation {
        case .SUM, .MEAN: sum += x[i]
        case .ASUM: sum += abs(x[i])
        case .SUMSQ: sum += x[i] * x[i]
        }
      }
      y[row] = sum * factor(count)
    }
  }

  /// dx = dy · coeff, times sign(x) for ASUM, 2x for SUMSQ, 1/n for MEAN.
  public func backward(_ io: BackwardIO) {
    guard let dx = io.bottomDiffs[0] else { return }
    let (x, dy) = (io.bottoms[0], io.topDiffs[0])
    let count = dx.count / max(1, dy.count)
    for i in 0..<dx.count {
      let gradient = dy[i / count] * factor(count)
      switch parameters.operation {
      case .SUM, .MEAN: dx[i] = gradient
      case .ASUM: dx[i] = gradient * sign(x[i])
      case .SUMSQ: dx[i] = gradient * 2 * x[i]
      }
    }
  }
}
