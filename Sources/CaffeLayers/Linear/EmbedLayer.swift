import CaffeCore
import CaffeFormat
import CaffeGraph

/// The fields of `embed_param`, by their prototxt names; defaults are those of Caffe 1.0.
public struct EmbedParameters: LayerParameters {
  /// Length N of the vectors, at least 1.
  public var numOutput = 0
  /// Rows of the table, at least 1: the numbers are 0 to one less.
  public var inputDim = 0
  /// Whether the same bias is added to every vector.
  public var biasTerm = true
  /// First values of the table; 0 when absent.
  public var weightFiller = FillerParameter()
  /// First values of the bias; 0 when absent.
  public var biasFiller = FillerParameter()
  public init() {}
  public static let messageName = "EmbedParameter"
  public static let fields: [Field<EmbedParameters>] = [
    Field("num_output", 1, \.numOutput, as: .uint32), Field("input_dim", 2, \.inputDim, as: .uint32),
    Field("bias_term", 3, \.biasTerm), Field("weight_filler", 4, \.weightFiller), Field("bias_filler", 5, \.biasFiller),
  ]
  public static let schema = makeSchema()
  public static let placement: LayerField? = LayerField("embed_param", 137, schema)
}

/// Looks up a learned vector for each number: y[i] = W[x[i]] + b. The numbers get no gradient.
///
/// ```prototxt
/// # word: 2x5 labels 10
/// layer {
///   name: "embed" type: "Embed" bottom: "word" top: "y"
///   embed_param { input_dim: 10 num_output: 4 weight_filler { type: "uniform" min: -0.1 max: 0.1 } }
/// }
/// ```
///
/// - Difference: a number that names no row of the table ends the pass with an error; Caffe 1.0 reads foreign memory.
public struct EmbedLayer: Layer {
  public static let type = "Embed"
  public static let bottoms = 1...1
  public static let tops = 1...1
  private let parameters: EmbedParameters
  private let title: String

  public init(_ parameters: EmbedParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.numOutput > 0 else { throw LayerError("num_output must be at least 1", field: "num_output") }
    guard parameters.inputDim > 0 else { throw LayerError("input_dim must be at least 1", field: "input_dim") }
    self.parameters = parameters
    title = context.definition.title
  }

  /// Any shape; the top has one axis more, of N. Weights: input_dim×N, then bias (N).
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let outputs = parameters.numOutput
    var weights = [WeightSpec(try Shape(validating: [parameters.inputDim, outputs]), parameters.weightFiller)]
    if parameters.biasTerm { weights.append(WeightSpec([outputs], parameters.biasFiller)) }
    return LayerSignature(
      tops: [try Shape(validating: bottoms[0].dims + [outputs])], weights: weights, backwardReads: [.bottom(0)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { false }

  /// Calls `body` with the row that each number names, where there is one, and where its vector begins in the top.
  private func eachRow(_ numbers: TensorView, _ body: (_ row: Int?, _ place: Int) -> Void) {
    for index in 0..<numbers.count {
      body(wholeNumber(numbers[index], below: parameters.inputDim), index * parameters.numOutput)
    }
  }

  public func forward(_ io: ForwardIO) {
    let (x, y, outputs) = (io.bottoms[0], io.tops[0], parameters.numOutput)
    eachRow(x) { row, place in
      for n in 0..<outputs {
        y[place + n] = (row.map { io.weights[0][$0 * outputs + n] } ?? 0) + (io.weights.count > 1 ? io.weights[1][n] : 0)
      }
      guard row == nil else { return }
      let value = x[place / outputs]
      io.faults.report(
        "\(title): \(value) at \(place / outputs) names none of the \(parameters.inputDim) rows (0 to \(parameters.inputDim - 1))"
      )
    }
  }

  /// dW[x[i]] += dy[i], db += Σ dy
  public func backward(_ io: BackwardIO) {
    let (dy, outputs) = (io.topDiffs[0], parameters.numOutput)
    eachRow(io.bottoms[0]) { row, place in
      for n in 0..<outputs {
        if let row, let dw = io.weightDiffs[0] { dw[row * outputs + n] += dy[place + n] }
        if io.weightDiffs.count > 1, let db = io.weightDiffs[1] { db[n] += dy[place + n] }
      }
    }
  }
}
