import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `eltwise_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct EltwiseParameters: LayerParameters {
  public enum EltwiseOp: Int32, ProtoEnum {
    case PROD = 0
    case SUM = 1
    case MAX = 2
    public static let schema = makeSchema("EltwiseOp")
  }
  /// What is made of the elements: their product, sum or maximum.
  public var operation = EltwiseOp.SUM
  /// For SUM: a factor for each bottom; 1 for all when absent.
  public var coeff: [Float] = []
  /// For PROD: takes the product of the other bottoms for the gradient, which is right where a factor is 0; else y / x.
  public var stableProdGrad = true
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "EltwiseParameter"
  public static let fields: [Field<EltwiseParameters>] = [
    Field("operation", 1, \.operation), Field("coeff", 2, \.coeff), Field("stable_prod_grad", 3, \.stableProdGrad),
    Field("engine", 4, \.engine),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("eltwise_param", 110, v1: 24, schema)
}

/// The sum (with coefficients), product or maximum of two or more blobs of one shape, element by element: y = Σ coeff[k] · x[k],
/// y = ∏ x[k] or y = max x[k].
///
/// Where the maximum is shared, the second bottom goes before the first, and both before later ones, as in Caffe.
///
/// ```prototxt
/// # a: 2x3x4
/// # b: 2x3x4
/// layer {
///   name: "difference" type: "Eltwise" bottom: "a" bottom: "b" top: "y"
///   eltwise_param { operation: SUM coeff: 1 coeff: -1 }
/// }
/// ```
public struct EltwiseLayer: Layer {
  public static let type = "Eltwise"
  public static let bottoms = 2...Int.max
  public static let tops = 1...1
  private let parameters: EltwiseParameters
  private let coefficients: [Float]

  public init(_ parameters: EltwiseParameters, in context: LayerContext) throws(LayerError) {
    if !parameters.coeff.isEmpty {
      guard parameters.operation == .SUM else { throw LayerError("coeff goes with operation: SUM only", field: "coeff") }
      guard parameters.coeff.count == context.bottomCount else {
        throw LayerError(
          "\(context.bottomCount) bottoms need \(context.bottomCount) coeff, \(parameters.coeff.count) given", field: "coeff")
      }
    }
    self.parameters = parameters
    coefficients = parameters.coeff.isEmpty ? [Float](repeating: 1, count: context.bottomCount) : parameters.coeff
  }

  /// All bottoms have one shape; the top has it too. Saved for MAX: which bottom won.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    for other in bottoms where other != bottoms[0] {
      throw ShapeError("all bottoms must have the same shape, found \(bottoms[0]) and \(other)")
    }
    let readsBottoms = Set(bottoms.indices.map { BackwardRead.bottom($0) })
    switch parameters.operation {
    case .SUM: return LayerSignature(tops: [bottoms[0]], independence: .elements, primitive: .sum(coefficients))
    case .PROD:
      return LayerSignature(tops: [bottoms[0]], backwardReads: readsBottoms.union([.top(0)]), independence: .elements)
    case .MAX: return LayerSignature(tops: [bottoms[0]], saved: [bottoms[0]], independence: .elements)
    }
  }

  public func forward(_ io: ForwardIO) {
    let (x, y) = (io.bottoms, io.tops[0])
    switch parameters.operation {
    case .SUM:
      for i in 0..<y.count { y[i] = coefficients[0] * x[0][i] }
      for (factor, x) in zip(coefficients, x).dropFirst() { for i in 0..<y.count { y[i] += factor * x[i] } }
    case .PROD:
      for i in 0..<y.count { y[i] = x[0][i] }
      for x in x.dropFirst() { for i in 0..<y.count { y[i] *= x[i] } }
    case .MAX: pickLargest(x, y, winners: io.saved[0])
    }
  }

  private func pickLargest(_ x: [TensorView], _ y: TensorView, winners: TensorView) {
    let (first, second) = (x[0], x[1])
    // Between the first two a tie goes to the second, as in Caffe; later ones must be larger.
    for i in 0..<y.count {
      let isFirst = first[i] > second[i]
      y[i] = isFirst ? first[i] : second[i]
      winners[i] = isFirst ? 0 : 1
    }
    for (index, other) in x.enumerated().dropFirst(2) {
      for i in 0..<y.count where other[i] > y[i] { (y[i], winners[i]) = (other[i], Float(index)) }
    }
  }

  /// SUM: coefficient · dy. PROD: the product of the others · dy, or y / x · dy with `stable_prod_grad: false`.
  /// MAX: dy to the winner.
  public func backward(_ io: BackwardIO) {
    let dy = io.topDiffs[0]
    for (index, dx) in io.bottomDiffs.enumerated() {
      guard let dx else { continue }
      for i in 0..<dy.count {
        switch parameters.operation {
        case .SUM: dx[i] = coefficients[index] * dy[i]
        case .PROD: dx[i] = dy[i] * productOfOthers(io, index, i)
        case .MAX: dx[i] = Int(io.saved[0][i]) == index ? dy[i] : 0
        }
      }
    }
  }

  private func productOfOthers(_ io: BackwardIO, _ index: Int, _ i: Int) -> Float {
    guard parameters.stableProdGrad else { return io.tops[0][i] / io.bottoms[index][i] }
    return io.bottoms.indices.reduce(Float(1)) { $1 == index ? $0 : $0 * io.bottoms[$1][i] }
  }
}
