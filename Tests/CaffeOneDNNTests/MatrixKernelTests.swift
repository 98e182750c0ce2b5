import CKernels
import CaffeCore
import Testing

@Suite("Products of matrices")
struct MatrixKernelTests {
  private static func values(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = SequentialRandom(RandomStream(seed: seed, path: 1))
    return (0..<count).map { _ in Float(random.uniform()) * 2 - 1 }
  }

  /// Where element (row, column) of a matrix lies, row by row or column by column.
  private struct Layout {
    let row, column: Int
    init(_ rows: Int, _ columns: Int, isTransposed: Bool) { (row, column) = isTransposed ? (1, rows) : (columns, 1) }
  }

  /// The sets of vector instructions that there are kernels for here.
  private static let instructionSets = 0...ckernels_instruction_set()

  @Test("are what the sums of products are, for random sizes and either way a matrix can lie", arguments: instructionSets)
  func products(instructionSet: Int32) {
    var random = SequentialRandom(RandomStream(seed: 12, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for seed in 0..<60 {
      let (rows, columns, depth) = (pick(1...20), pick(1...150), pick(1...600))
      let (a, b) = (Layout(rows, depth, isTransposed: seed % 2 == 1), Layout(depth, columns, isTransposed: seed % 3 == 1))
      let (left, right) = (Self.values(rows * depth, UInt64(seed)), Self.values(depth * columns, UInt64(seed) + 100))
      let before = Self.values(rows * columns, UInt64(seed) + 200)
      let adds = seed % 4 == 1
      var result = before
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          result.withUnsafeMutableBufferPointer { result in
            var product = ckgemm(
              rows: Int64(rows), columns: Int64(columns), depth: Int64(depth), a: left.baseAddress, a_row: Int64(a.row),
              a_depth: Int64(a.column), b: right.baseAddress, b_is_bf16: 0, b_depth: Int64(b.row), b_column: Int64(b.column),
              c: result.baseAddress, c_row: Int64(columns), accumulate: adds ? 1 : 0)
            ckernels_gemm(instructionSet, &product)
          }
        }
      }
      var worst: Double = 0
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = adds ? Double(before[i * columns + j]) : 0
          for k in 0..<depth { sum += Double(left[i * a.row + k * a.column]) * Double(right[k * b.row + j * b.column]) }
          worst = max(worst, abs(sum - Double(result[i * columns + j])))
        }
      }
      #expect(worst < 1e-4, "\(rows) x \(columns) x \(depth), case \(seed)")
    }
  }

  @Test(
    "of a matrix and a vector are what the sums of products are, for any remainder of rows and columns",
    arguments: instructionSets)
  func vectors(instructionSet: Int32) {
    for (outputs, inputs) in [(1, 1), (3, 17), (4, 64), (7, 130), (64, 257), (66, 31)] {
      let (weights, x) = (Self.values(outputs * inputs, 3), Self.values(inputs, 4))
      var y = [Float](repeating: .nan, count: outputs)
      ckernels_gemv(instructionSet, weights, x, Int64(inputs), Int64(outputs), &y)
      for output in 0..<outputs {
        let sum = (0..<inputs).reduce(0.0) { $0 + Double(weights[output * inputs + $1]) * Double(x[$1]) }
        #expect(abs(sum - Double(y[output])) < 1e-4)
      }
    }
  }
}
