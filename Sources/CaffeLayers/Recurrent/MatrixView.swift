import CaffeGraph

/// Part of a blob seen as rows × columns.
struct MatrixView {
  let rows: Int
  let columns: Int
  let pointer: UnsafeMutablePointer<Float>

  /// Matrix `index` of a blob that holds one after the other.
  init(_ blob: TensorView, rows: Int, columns: Int, at index: Int = 0) {
    (self.rows, self.columns, pointer) = (rows, columns, blob.pointer + index * rows * columns)
  }

  subscript(row: Int, column: Int) -> Float {
    get { pointer[row * columns + column] }
    nonmutating set { pointer[row * columns + column] = newValue }
  }

  func fill(_ value: Float) { pointer.update(repeating: value, count: rows * columns) }
  func copy(from other: MatrixView) { pointer.update(from: other.pointer, count: rows * columns) }

  /// self += x · wᵀ
  func add(_ x: MatrixView, timesTransposed w: MatrixView) {
    for row in 0..<rows {
      for column in 0..<columns { self[row, column] += MatrixView.product(x, row, w, column) }
    }
  }

  /// The inner product of two rows, in sixteen sums side by side: one sum alone would wait for itself at every step.
  private static func product(_ x: MatrixView, _ row: Int, _ w: MatrixView, _ column: Int) -> Float {
    let (left, right) = (UnsafeRawPointer(x.pointer + row * x.columns), UnsafeRawPointer(w.pointer + column * w.columns))
    let whole = x.columns & ~15
    var sums = SIMD16<Float>.zero
    for i in stride(from: 0, to: whole, by: 16) {
      sums +=
        left.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
        * right.loadUnaligned(fromByteOffset: 4 * i, as: SIMD16<Float>.self)
    }
    var sum = sums.sum()
    for i in whole..<x.columns { sum += x[row, i] * w[column, i] }
    return sum
  }

  /// self += y · w
  func add(_ y: MatrixView, times w: MatrixView) {
    for i in 0..<y.columns {  // A row of w, the largest of the three, is read once.
      for row in 0..<rows {
        addToRow(row, w, i, times: y[row, i])
      }
    }
  }

  /// self += yᵀ · x
  func add(transposed y: MatrixView, times x: MatrixView) {
    for row in 0..<rows {  // A row of this matrix, the largest of the three, is changed once.
      for i in 0..<y.rows {
        addToRow(row, x, i, times: y[i, row])
      }
    }
  }

  /// Adds a row of another matrix, sixteen columns at a time.
  private func addToRow(_ row: Int, _ other: MatrixView, _ otherRow: Int, times factor: Float) {
    let (target, source) = (pointer + row * columns, other.pointer + otherRow * columns)
    let (left, right) = (UnsafeMutableRawPointer(target), UnsafeRawPointer(source))
    let whole = columns & ~15
    for column in stride(from: 0, to: whole, by: 16) {
      let sum =
        left.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self)
        + factor * right.loadUnaligned(fromByteOffset: 4 * column, as: SIMD16<Float>.self)
      left.storeBytes(of: sum, toByteOffset: 4 * column, as: SIMD16<Float>.self)
    }
    for column in whole..<columns { target[column] += factor * source[column] }
  }

  /// Sets every row to the vector.
  func setRows(to vector: TensorView) {
    for row in 0..<rows { (pointer + row * columns).update(from: vector.pointer, count: columns) }
  }

  /// Adds the sum of the rows to the vector.
  func addRows(to vector: TensorView) {
    for row in 0..<rows { for column in 0..<columns { vector[column] += self[row, column] } }
  }

  /// Sets each row to the other's, times the row's factor.
  func setRows(to other: MatrixView, times factors: MatrixView) {
    for row in 0..<rows { for column in 0..<columns { self[row, column] = other[row, column] * factors[0, row] } }
  }
}
