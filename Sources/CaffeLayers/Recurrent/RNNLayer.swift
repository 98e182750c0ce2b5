import CaffeCore
import CaffeGraph

/// A plain recurrent net over sequences: at each step h = tanh(Wx·x + b + Ws·x_static + Wh·(cont · h)), and the output is
/// tanh(Wo·h + bo). Elman 1990.
///
/// The state goes on from batch to batch, until a cont of 0 ends it; gradients end with the batch. With `expose_hidden` it comes
/// from a bottom and goes to a top instead; gradients put on that top are not used, as in Caffe.
///
/// ```prototxt
/// # x: 3x2x4
/// # cont: 3x2 labels 2
/// layer {
///   name: "rnn" type: "RNN" bottom: "x" bottom: "cont" top: "o"
///   recurrent_param { num_output: 5 weight_filler { type: "uniform" min: -0.1 max: 0.1 } }
/// }
/// ```
///
/// - Difference: it is one layer to every tool; Caffe 1.0 unrolls it into a net of its own, which `debug_info` prints.
public struct RNNLayer: Layer {
  public static let type = "RNN"
  public static let bottoms = 2...4
  public static let tops = 1...2
  private let parameters: RecurrentParameters

  public init(_ parameters: RecurrentParameters, in context: LayerContext) throws(LayerError) {
    try parameters.check(context, hidden: ["h"])
    self.parameters = parameters
  }

  /// x T×N×…, cont T×N, x_static N×…, h₀ 1×N×H → T×N×H, h 1×N×H. Weights: Wx H×I, b (H), Ws H×S, Wh H×H, Wo H×H, bo (H).
  /// Saved: h of every step T×N×H, first h. State: last h.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let sequence = try RecurrentSequence(bottoms, parameters, hidden: 1)
    let size = sequence.outputs
    let (state, all) = (Shape([1, sequence.streams, size]), Shape([sequence.steps, sequence.streams, size]))
    let output = [WeightSpec([size, size], parameters.weightFiller), WeightSpec([size], parameters.biasFiller)]
    return LayerSignature(
      tops: [all] + (parameters.exposeHidden ? [state] : []), weights: sequence.weights(parameters, width: size) + output,
      saved: [all, state], state: parameters.exposeHidden ? [] : [state], scratch: [state, state, state],
      backwardReads: Set((0..<sequence.firstHidden).map { .bottom($0) } + [.top(0)]))
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index != 1 }

  public func forward(_ io: ForwardIO) {
    guard let sequence = try? RecurrentSequence(io.bottoms.map(\.shape), parameters, hidden: 1) else { return }
    let (size, weight) = (sequence.outputs, sequence.hiddenWeight + 1)
    let output = MatrixView(io.weights[weight], rows: size, columns: size)
    if let past = parameters.exposeHidden ? io.bottoms.last : io.state.first { io.saved[1].copy(from: past) }
    for step in 0..<sequence.steps {
      let (h, y) = (sequence.part(io.saved[0], step, size), sequence.part(io.tops[0], step, size))
      sequence.setSums(h, step, io, hidden: before(step, sequence, io.saved), kept: sequence.part(io.scratch[0], 0, size))
      bend(h)
      y.setRows(to: io.weights[weight + 1])
      y.add(h, timesTransposed: output)
      bend(y)
    }
    if let end = parameters.exposeHidden ? io.tops.last : io.state.first {
      sequence.part(end, 0, size).copy(from: sequence.part(io.saved[0], sequence.steps - 1, size))
    }
  }

  private func bend(_ sums: MatrixView) {
    for i in 0..<sums.rows * sums.columns { sums.pointer[i] = hyperbolicTangent(sums.pointer[i]) }
  }

  /// The hidden state that a step starts from.
  private func before(_ step: Int, _ sequence: RecurrentSequence, _ saved: [TensorView]) -> MatrixView {
    step == 0 ? sequence.part(saved[1], 0, sequence.outputs) : sequence.part(saved[0], step - 1, sequence.outputs)
  }

  /// Back through time, with e = dy · (1 − y²) at each step: dWo += e · hᵀ, dbo += e, and with
  /// d = (dh + Woᵀ · e) · (1 − h²): dW += Σ d · xᵀ, dx = Wxᵀ · d, dx_static = Σ Wsᵀ · d, dh = cont · Whᵀ · d.
  public func backward(_ io: BackwardIO) {
    guard let sequence = try? RecurrentSequence(io.bottoms.map(\.shape), parameters, hidden: 1) else { return }
    let (size, weight) = (sequence.outputs, sequence.hiddenWeight + 1)
    let scratch = io.scratch.map { sequence.part($0, 0, size) }
    let (kept, sums, dh) = (scratch[0], scratch[1], scratch[2])
    for gradient in io.bottomDiffs { gradient?.fill(0) }
    dh.fill(0)
    for step in (0..<sequence.steps).reversed() {
      let h = sequence.part(io.saved[0], step, size)
      setSlope(sums, sequence.part(io.topDiffs[0], step, size), sequence.part(io.tops[0], step, size))
      if let dw = io.weightDiffs[weight] { MatrixView(dw, rows: size, columns: size).add(transposed: sums, times: h) }
      if let db = io.weightDiffs[weight + 1] { sums.addRows(to: db) }
      dh.add(sums, times: MatrixView(io.weights[weight], rows: size, columns: size))
      setSlope(sums, dh, h)
      sequence.backward(sums, step, io, hidden: before(step, sequence, io.saved), kept: kept, hiddenDiff: dh)
    }
    if parameters.exposeHidden, let gradient = io.bottomDiffs.last ?? nil { sequence.part(gradient, 0, size).copy(from: dh) }
  }

  /// Sets `sums` to the gradient before a tanh that made `value`.
  private func setSlope(_ sums: MatrixView, _ gradient: MatrixView, _ value: MatrixView) {
    for i in 0..<sums.rows * sums.columns {
      sums.pointer[i] = gradient.pointer[i] * (1 - value.pointer[i] * value.pointer[i])
    }
  }
}
