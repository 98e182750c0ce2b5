import CaffeCore
import CaffeGraph

/// One step of long short-term memory without the sums before it, what LSTM runs at every step: of the gates i, f, o, g = σ, σ,
/// σ, tanh(sums) it makes c = cont · f · c₀ + i · g and h = o · tanh(c).
///
/// ```prototxt
/// # c0: 1x2x3
/// # sums: 1x2x12
/// # cont: 1x2 labels 2
/// layer { name: "unit" type: "LSTMUnit" bottom: "c0" bottom: "sums" bottom: "cont" top: "c" top: "h" }
/// ```
public struct LSTMUnitLayer: Layer {
  public static let type = "LSTMUnit"
  public static let bottoms = 3...3
  public static let tops = 2...2

  public init(_ parameters: NoParameters, in context: LayerContext) {}

  /// c₀ 1×N×H, the gates' sums 1×N×4H (i, f, o, g), cont 1×N → c and h, both 1×N×H. Saved: the gates.
  public func signature(of bottoms: [Shape]) throws(ShapeError) -> LayerSignature {
    guard bottoms[0].rank == 3, bottoms[0][0] == 1 else { throw ShapeError("c needs the shape 1xNxH, found \(bottoms[0])") }
    let (streams, size) = (bottoms[0][1], bottoms[0][2])
    guard bottoms[1].dims == [1, streams, 4 * size] else {
      throw ShapeError("the gates' sums must be 1x\(streams)x\(4 * size), found \(bottoms[1])")
    }
    guard bottoms[2].dims == [1, streams] else { throw ShapeError("cont must be 1x\(streams), found \(bottoms[2])") }
    return LayerSignature(
      tops: [bottoms[0], bottoms[0]], saved: [bottoms[1]], scratch: [bottoms[0], bottoms[1]],
      backwardReads: [.bottom(0), .top(0)])
  }

  public func allowsGradient(toBottom index: Int) -> Bool { index < 2 }

  /// A blob 1×N×width.
  private func rows(_ blob: TensorView) -> MatrixView { MatrixView(blob, rows: blob.shape[1], columns: blob.shape[2]) }

  public func forward(_ io: ForwardIO) {
    let cont = MatrixView(io.bottoms[2], rows: 1, columns: io.bottoms[2].count)
    io.saved[0].copy(from: io.bottoms[1])
    LSTMCell.forward(
      gates: rows(io.saved[0]), cont: cont, previous: rows(io.bottoms[0]), cell: rows(io.tops[0]), hidden: rows(io.tops[1]))
  }

  /// With dc' = dc + dh · o · (1 − tanh²c): dc₀ = dc' · f, di = dc' · g, df = dc' · c₀, do = dh · tanh(c), dg = dc' · i, each
  /// times the slope of its gate.
  public func backward(_ io: BackwardIO) {
    io.scratch[0].copy(from: io.topDiffs[0])
    LSTMCell.backward(
      gates: rows(io.saved[0]), previous: rows(io.bottoms[0]), cell: rows(io.tops[0]), hiddenDiff: rows(io.topDiffs[1]),
      cellDiff: rows(io.scratch[0]), sumsDiff: rows(io.scratch[1]))
    for index in 0..<2 { io.bottomDiffs[index]?.copy(from: io.scratch[index]) }
  }
}
