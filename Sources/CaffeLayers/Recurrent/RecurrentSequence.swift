import CaffeCore
import CaffeFormat
import CaffeGraph

/// What the recurrent layers share: the bottoms x (T×N×…), cont (T×N), possibly x_static (N×…) and the first hidden state
/// (1×N×H each), and the sums Wx·x + b + Ws·x_static + Wh·(cont · h) that drive every step.
///
/// cont is 0 where a sequence begins, so that it learns nothing of the one before, and 1 elsewhere.
struct RecurrentSequence {
  let steps, streams, inputs, statics, outputs: Int
  let hasStatic: Bool
  /// Where the first hidden state begins among the bottoms.
  var firstHidden: Int { hasStatic ? 3 : 2 }
  /// Where the weights of the hidden state stand among the layer's.
  var hiddenWeight: Int { hasStatic ? 3 : 2 }

  /// - Parameter hidden: blobs of hidden state.
  /// - Throws: `ShapeError` when the bottoms do not fit each other.
  init(_ bottoms: [Shape], _ parameters: RecurrentParameters, hidden: Int) throws(ShapeError) {
    let (x, cont) = (bottoms[0], bottoms[1])
    guard x.rank > 2, x.count > 0 else { throw ShapeError("x needs at least 3 axes (steps, streams, values), found \(x)") }
    guard cont.dims == [x[0], x[1]] else { throw ShapeError("cont must be \(x[0])x\(x[1]), found \(cont)") }
    let exposed = parameters.exposeHidden ? hidden : 0
    hasStatic = bottoms.count > 2 + exposed
    if hasStatic {
      guard bottoms[2].rank > 1, bottoms[2][0] == x[1], bottoms[2].count > 0 else {
        throw ShapeError("x_static must be \(x[1])x…, found \(bottoms[2])")
      }
    }
    (steps, streams, inputs, outputs) = (x[0], x[1], x.count(from: 2), parameters.numOutput)
    statics = hasStatic ? bottoms[2].count(from: 1) : 0
    for state in bottoms.suffix(exposed) where state.dims != [1, streams, outputs] {
      throw ShapeError("the hidden state must be 1x\(streams)x\(outputs), found \(state)")
    }
  }

  /// Wx, b, Ws where there is x_static, and Wh, for `width` sums in every stream.
  func weights(_ parameters: RecurrentParameters, width: Int) -> [WeightSpec] {
    var weights = [WeightSpec([width, inputs], parameters.weightFiller), WeightSpec([width], parameters.biasFiller)]
    if hasStatic { weights.append(WeightSpec([width, statics], parameters.weightFiller)) }
    return weights + [WeightSpec([width, outputs], parameters.weightFiller)]
  }

  /// A step's part of a blob T×N×width.
  func part(_ blob: TensorView, _ step: Int, _ width: Int) -> MatrixView {
    MatrixView(blob, rows: streams, columns: width, at: step)
  }

  private func cont(_ bottoms: [TensorView], _ step: Int) -> MatrixView {
    MatrixView(bottoms[1], rows: 1, columns: streams, at: step)
  }

  /// Sets `sums` of one step; `kept` is room for what of the hidden state is kept.
  func setSums(_ sums: MatrixView, _ step: Int, _ io: ForwardIO, hidden: MatrixView, kept: MatrixView) {
    func weight(_ index: Int, _ columns: Int) -> MatrixView {
      MatrixView(io.weights[index], rows: sums.columns, columns: columns)
    }
    sums.setRows(to: io.weights[1])
    sums.add(part(io.bottoms[0], step, inputs), timesTransposed: weight(0, inputs))
    if hasStatic { sums.add(part(io.bottoms[2], 0, statics), timesTransposed: weight(2, statics)) }
    kept.setRows(to: hidden, times: cont(io.bottoms, step))
    sums.add(kept, timesTransposed: weight(hiddenWeight, outputs))
  }

  /// Sends the gradient of one step's sums to weights and bottoms, and to the hidden state before.
  func backward(_ sums: MatrixView, _ step: Int, _ io: BackwardIO, hidden: MatrixView, kept: MatrixView, hiddenDiff: MatrixView) {
    addGradient(sums, 0, part(io.bottoms[0], step, inputs), io, io.bottomDiffs[0].map { part($0, step, inputs) })
    if let db = io.weightDiffs[1] { sums.addRows(to: db) }
    if hasStatic { addGradient(sums, 2, part(io.bottoms[2], 0, statics), io, io.bottomDiffs[2].map { part($0, 0, statics) }) }
    kept.setRows(to: hidden, times: cont(io.bottoms, step))
    hiddenDiff.fill(0)
    addGradient(sums, hiddenWeight, kept, io, hiddenDiff)
    hiddenDiff.setRows(to: hiddenDiff, times: cont(io.bottoms, step))
  }

  private func addGradient(_ sums: MatrixView, _ weight: Int, _ x: MatrixView, _ io: BackwardIO, _ dx: MatrixView?) {
    let w = MatrixView(io.weights[weight], rows: sums.columns, columns: x.columns)
    if let dw = io.weightDiffs[weight] {
      MatrixView(dw, rows: sums.columns, columns: x.columns).add(transposed: sums, times: x)
    }
    dx?.add(sums, times: w)
  }
}
