import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `inner_product_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct InnerProductParameters: LayerParameters {
  /// Outputs N for each row of the bottom, at least 1.
  public var numOutput = 0
  /// Whether each output gets a bias.
  public var biasTerm = true
  /// First values of the weights; 0 when absent.
  public var weightFiller = FillerParameter()
  /// First values of the bias; 0 when absent.
  public var biasFiller = FillerParameter()
  /// The first axis that is flattened into K; those before it stay.
  public var axis = 1
  /// Whether the weights lie in memory as K×N instead of N×K.
  public var transpose = false
  public var engine = Engine.DEFAULT
  public init() {}
  public static let messageName = "InnerProductParameter"
  public static let fields: [Field<InnerProductParameters>] = [
    Field("num_output", 1, \.numOutput, as: .uint32), Field("bias_term", 2, \.biasTerm),
    Field("weight_filler", 3, \.weightFiller),
    Field("bias_filler", 4, \.biasFiller), Field("axis", 5, \.axis), Field("transpose", 6, \.transpose),
    Field("engine", 7, \.engine),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("inner_product_param", 117, v1: 17, schema)
}

/// A fully connected layer: y (M×N) = x (M×K) · Wᵀ + b, where the axes from `axis` on are flattened into K.
///
/// ```prototxt
/// # x: 2x3x4x4
/// layer {
///   name: "ip" type: "InnerProduct" bottom: "x" top: "y"
///   inner_product_param { num_output: 10 weight_filler { type: "xavier" } }
/// }
/// ```
public struct InnerProductLayer: Layer {
  public static let type = "InnerProduct"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: InnerProductParameters

  public init(_ parameters: InnerProductParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.numOutput > 0 else { throw LayerError("num_output must be at least 1", field: "num_output") }
    self.parameters = parameters
  }

  /// M…×K… → M…×N. Weights: N×K, or K×N with `transpose`; bias (N).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let axis = try bottoms[0].canonical(axis: parameters.axis)
    let (rows, inputs, outputs) = (bottoms[0].count(0..<axis), bottoms[0].count(from: axis), parameters.numOutput)
    let matrix = try Shape(validating: parameters.transpose ? [inputs, outputs] : [outputs, inputs])
    var weights = [WeightSpec(matrix, parameters.weightFiller)]
    if parameters.biasTerm { weights.append(WeightSpec([outputs], parameters.biasFiller)) }
    let top = try Shape(validating: Array(bottoms[0].dims[..<axis]) + [outputs])
    return LayerSignature(
      tops: [top], weights: weights, backwardReads: [.bottom(0)],
      primitive: .innerProduct(rows: rows, inputs: inputs, outputs: outputs, isTransposed: parameters.transpose))
  }

  private func sizes(_ y: TensorView, _ weights: TensorView) -> (rows: Int, inputs: Int, outputs: Int) {
    let outputs = parameters.numOutput
    return (y.count / outputs, weights.count / outputs, outputs)
  }

  /// The place of W[output, input] in memory.
  private func place(_ output: Int, _ input: Int, _ inputs: Int) -> Int {
    parameters.transpose ? input * parameters.numOutput + output : output * inputs + input
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, w) = (io.bottoms[0], io.tops[0], io.weights[0])
    let (rows, inputs, outputs) = sizes(y, w)
    for row in 0..<rows {
      for output in 0..<outputs {
        var sum = io.weights.count > 1 ? io.weights[1][output] : 0
        for input in 0..<inputs { sum += x[row * inputs + input] * w[place(output, input, inputs)] }
        y[row * outputs + output] = sum
      }
    }
  }

  /// dx = dy · W, dW += dyᵀ · x, db += Σ dy
  public func backward(_ io: BackwardIO) {
    let (x, dy, w) = (io.bottoms[0], io.topDiffs[0], io.weights[0])
    let (rows, inputs, outputs) = sizes(dy, w)
    io.bottomDiffs[0]?.fill(0)
    for row in 0..<rows {
      for output in 0..<outputs {
        let gradient = dy[row * outputs + output]
        if io.weightDiffs.count > 1, let db = io.weightDiffs[1] { db[output] += gradient }
        for input in 0..<inputs {
          let weight = place(output, input, inputs)
          if let dw = io.weightDiffs[0] { dw[weight] += gradient * x[row * inputs + input] }
          if let dx = io.bottomDiffs[0] { dx[row * inputs + input] += gradient * w[weight] }
        }
      }
    }
  }
}
