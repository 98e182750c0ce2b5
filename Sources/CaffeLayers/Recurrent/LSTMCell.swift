/// One step of long short-term memory over N streams of H cells; gates stand in the order i, f, o, g.
enum LSTMCell {
  /// Turns the gates' sums (N×4H) into the gates, and makes from them c = f · c₀ + i · g and h = o · tanh(c).
  static func forward(
    gates: MatrixView, cont: MatrixView, previous: MatrixView, cell: MatrixView, hidden: MatrixView
  ) {
    let size = cell.columns
    for n in 0..<cell.rows {
      for d in 0..<size {
        let i = logistic(gates[n, d])
        let f = cont[0, n] == 0 ? 0 : cont[0, n] * logistic(gates[n, size + d])
        let o = logistic(gates[n, 2 * size + d])
        let g = hyperbolicTangent(gates[n, 3 * size + d])
        cell[n, d] = f * previous[n, d] + i * g
        hidden[n, d] = o * hyperbolicTangent(cell[n, d])
        (gates[n, d], gates[n, size + d], gates[n, 2 * size + d], gates[n, 3 * size + d]) = (i, f, o, g)
      }
    }
  }

  /// Sets the gradients of the gates' sums, and makes of the gradient of c that of c₀.
  ///
  /// - Parameter gates: the gates as forward left them; f · (1 − f) counts cont as part of the gate, as in Caffe.
  static func backward(
    gates: MatrixView, previous: MatrixView, cell: MatrixView, hiddenDiff: MatrixView, cellDiff: MatrixView, sumsDiff: MatrixView
  ) {
    let size = cell.columns
    for n in 0..<cell.rows {
      for d in 0..<size {
        let (i, f, o, g) = (gates[n, d], gates[n, size + d], gates[n, 2 * size + d], gates[n, 3 * size + d])
        let bent = hyperbolicTangent(cell[n, d])
        let dh = hiddenDiff[n, d]
        let dc = cellDiff[n, d] + dh * o * (1 - bent * bent)
        sumsDiff[n, d] = dc * g * i * (1 - i)
        sumsDiff[n, size + d] = dc * previous[n, d] * f * (1 - f)
        sumsDiff[n, 2 * size + d] = dh * bent * o * (1 - o)
        sumsDiff[n, 3 * size + d] = dc * i * (1 - g * g)
        cellDiff[n, d] = dc * f
      }
    }
  }
}
