import CaffeCore
import CaffeGraph

/// Long short-term memory over sequences: at each step gates i, f, o, g = σ, σ, σ, tanh(Wx·x + b + Ws·x_static + Wh·(cont · h)),
/// then c = cont · f · c + i · g and h = o · tanh(c). Hochreiter and Schmidhuber 1997; Donahue et al., CVPR 2015.
///
/// The state goes on from batch to batch, until a cont of 0 ends it; gradients end with the batch. With `expose_hidden` it comes
/// from bottoms and goes to tops instead; gradients put on those tops are not used, as in Caffe.
///
/// ```prototxt
/// # x: 3x2x4
/// # cont: 3x2 labels 2
/// layer {
///   name: "lstm" type: "LSTM" bottom: "x" bottom: "cont" top: "h"
///   recurrent_param { num_output: 5 weight_filler { type: "uniform" min: -0.1 max: 0.1 } }
/// }
/// ```
///
/// - Difference: it is one layer to every tool; Caffe 1.0 unrolls it into a net of its own, which `debug_info` prints.
public struct LSTMLayer: Layer {
  public static let type = "LSTM"
  public static let bottoms = 2...5
  public static let tops = 1...3
  private let parameters: RecurrentParameters

  public init(_ parameters: RecurrentParameters, in context: LayerContext) throws(LayerError) {
    try parameters.check(context, hidden: ["h", "c"])
    self.parameters = parameters
  }

  /// x T×N×…, cont T×N, x_static N×…, h₀ and c₀ 1×N×H → T×N×H, h and c 1×N×H. Weights: Wx 4H×I, b (4H), Ws 4H×S, Wh 4H×H.
  /// Saved: gates T×N×4H, cells T×N×H, first h and c. State: last h and c.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    let sequence = try RecurrentSequence(bottoms, parameters, hidden: 2)
    let (steps, streams, size) = (sequence.steps, sequence.streams, sequence.outputs)
    let (gates, state) = (Shape([streams, 4 * size]), Shape([1, streams, size]))
    let cells = Shape([steps, streams, size])
    return LayerSignature(
      tops: [cells] + (parameters.exposeHidden ? [state, state] : []), weights: sequence.weights(parameters, width: 4 * size),
      saved: [Shape([steps] + gates.dims), cells, state, state], state: parameters.exposeHidden ? [] : [state, state],
      scratch: [state, gates, state, state], backwardReads: Set((0..<sequence.firstHidden).map { .bottom($0) } + [.top(0)]))
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index != 1 }

  public func forward(_ io: ForwardIO) {
    guard let sequence = try? RecurrentSequence(io.bottoms.map(\.shape), parameters, hidden: 2) else { return }
    let (size, last) = (sequence.outputs, sequence.steps - 1)
    let past = parameters.exposeHidden ? Array(io.bottoms.suffix(2)) : io.state
    for (first, past) in zip(io.saved.suffix(2), past) { first.copy(from: past) }
    for step in 0...last {
      let (h, c) = before(step, sequence, io.tops[0], io.saved)
      let gates = sequence.part(io.saved[0], step, 4 * size)
      sequence.setSums(gates, step, io, hidden: h, kept: sequence.part(io.scratch[0], 0, size))
      LSTMCell.forward(
        gates: gates, cont: MatrixView(io.bottoms[1], rows: 1, columns: sequence.streams, at: step), previous: c,
        cell: sequence.part(io.saved[1], step, size), hidden: sequence.part(io.tops[0], step, size))
    }
    for (end, blob) in zip(parameters.exposeHidden ? Array(io.tops.dropFirst()) : io.state, [io.tops[0], io.saved[1]]) {
      sequence.part(end, 0, size).copy(from: sequence.part(blob, last, size))
    }
  }

  /// The hidden state and the cells that a step starts from.
  private func before(_ step: Int, _ sequence: RecurrentSequence, _ hidden: TensorView, _ saved: [TensorView]) -> (
    h: MatrixView, c: MatrixView
  ) {
    let size = sequence.outputs
    return step == 0
      ? (sequence.part(saved[2], 0, size), sequence.part(saved[3], 0, size))
      : (sequence.part(hidden, step - 1, size), sequence.part(saved[1], step - 1, size))
  }

  /// Back through time: at each step the gates' gradients (see LSTMUnit) from dh and dc of the step after; dW += Σ d · xᵀ,
  /// dx = Wxᵀ · d, dx_static = Σ Wsᵀ · d, dh = cont · Whᵀ · d.
  public func backward(_ io: BackwardIO) {
    guard let sequence = try? RecurrentSequence(io.bottoms.map(\.shape), parameters, hidden: 2) else { return }
    let size = sequence.outputs
    let scratch = zip(io.scratch, [size, 4 * size, size, size]).map { sequence.part($0, 0, $1) }
    let (kept, sums, dh, dc) = (scratch[0], scratch[1], scratch[2], scratch[3])
    for gradient in io.bottomDiffs { gradient?.fill(0) }
    dh.fill(0)
    dc.fill(0)
    for step in (0..<sequence.steps).reversed() {
      let (h, c) = before(step, sequence, io.tops[0], io.saved)
      let dy = sequence.part(io.topDiffs[0], step, size)
      for n in 0..<sequence.streams { for d in 0..<size { dh[n, d] += dy[n, d] } }
      LSTMCell.backward(
        gates: sequence.part(io.saved[0], step, 4 * size), previous: c, cell: sequence.part(io.saved[1], step, size),
        hiddenDiff: dh, cellDiff: dc, sumsDiff: sums)
      sequence.backward(sums, step, io, hidden: h, kept: kept, hiddenDiff: dh)
    }
    guard parameters.exposeHidden else { return }
    for (gradient, first) in zip(io.bottomDiffs.suffix(2), [dh, dc]) {
      if let gradient { sequence.part(gradient, 0, size).copy(from: first) }
    }
  }
}
