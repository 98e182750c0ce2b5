import CaffeCore
import CaffeFormat
import CaffeGraph
import Foundation

/// The fields of `sine_param`.
struct SineParameters: LayerParameters {
  /// How fast the sine turns at first.
  var frequency: Float = 1
  init() {}
  static let messageName = "SineParameter"
  static let fields: [Field<SineParameters>] = [Field("frequency", 1, \.frequency)]
  static let schema = makeSchema()
  /// Numbers from 10,000 on are free for layers of one's own.
  static let placement: LayerField? = LayerField("sine_param", 10_000, schema)
}

/// y = sin(w[c] · x) with a learned frequency w for each channel.
struct SineLayer: Layer {
  static let type = "Sine"
  static let bottoms = 1...1
  static let tops = 1...1
  private let parameters: SineParameters

  init(_ parameters: SineParameters, in context: LayerContext) throws(LayerError) {
    guard parameters.frequency != 0 else { throw LayerError("a frequency of 0 leaves nothing to learn", field: "frequency") }
    self.parameters = parameters
  }

  /// N×C; the top has the same shape. Weights: the frequencies (C).
  func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 2 else { throw ShapeError("needs a bottom with 2 axes (N, C)") }
    let frequencies = WeightSpec([bottoms[0][1]], FillerParameter(constant: parameters.frequency))
    return LayerSignature(tops: bottoms, weights: [frequencies], backwardReads: [.bottom(0)])
  }

  func forward(_ io: ForwardIO) {
    let (x, w, y) = (io.bottoms[0], io.weights[0], io.tops[0])
    for i in 0..<x.count { y[i] = sin(w[i % w.count] * x[i]) }
  }

  /// dx = dy · w · cos(w·x), dw = Σ dy · x · cos(w·x)
  func backward(_ io: BackwardIO) {
    let (x, w, dy) = (io.bottoms[0], io.weights[0], io.topDiffs[0])
    for i in 0..<x.count {
      let slope = dy[i] * cos(w[i % w.count] * x[i])
      io.weightDiffs[0]?[i % w.count] += slope * x[i]
      io.bottomDiffs[0]?[i] = slope * w[i % w.count]
    }
  }
}
