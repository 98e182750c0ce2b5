import CKernels
import CaffeCore
import Testing

@Suite("Kernels for bf16")
struct BFloat16KernelTests {
  /// The sets of vector instructions that there are kernels for here.
  private static let instructionSets = 0...ckernels_instruction_set()

  private static func values(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = SequentialRandom(RandomStream(seed: seed, path: 1))
    return (0..<count).map { _ in Float(random.uniform()) * 2 - 1 }
  }

  private static func rounded(_ values: [Float], _ instructionSet: Int32) -> [UInt16] {
    var result = [UInt16](repeating: 0, count: values.count)
    ckernels_bf16_round(instructionSet, values, Int64(values.count), &result)
    return result
  }

  @Test("round to the nearest of the two neighbours, ties to the even one", arguments: instructionSets)
  func rounding(instructionSet: Int32) {
    let ties: [UInt32] = [0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x3f80_7fff, 0xbf81_8000, 0x0000_8000, 0x0000_8001, 0x7f7f_7fff]
    let values =
      Self.values(333, 5) + Self.values(40, 6).map { $0 * 1e30 } + Self.values(40, 7).map { $0 * 1e-38 }
      + ties.map(Float.init(bitPattern:)) + [0, -0.0, 1, -2.5, .infinity, -.infinity, .greatestFiniteMagnitude]
    let result = Self.rounded(values, instructionSet)
    #expect(zip(values, result).filter { BFloat16.nearest($0) != $1 }.map(\.0) == [])
    var widened = [Float](repeating: .nan, count: values.count)
    ckernels_bf16_widen(instructionSet, result, Int64(result.count), &widened)
    #expect(widened == result.map(BFloat16.widened))
  }

  @Test("leave NaN a NaN, wherever its bits are", arguments: instructionSets)
  func notANumber(instructionSet: Int32) {
    let values = [0x7f80_0001, 0xff80_0001, 0x7fff_ffff, 0x7fc0_0000].flatMap {
      [Float](repeating: Float(bitPattern: $0), count: 17)
    }
    #expect(Self.rounded(values, instructionSet).allSatisfy { BFloat16.widened($0).isNaN })
  }

  @Test("of a matrix and a vector are what the sums of products are", arguments: instructionSets)
  func vectors(instructionSet: Int32) {
    for (outputs, inputs) in [(1, 1), (3, 17), (4, 64), (7, 130), (64, 257), (66, 31), (9, 1103)] {
      let (weights, x) = (Self.rounded(Self.values(outputs * inputs, 3), 0), Self.values(inputs, 4))
      var y = [Float](repeating: .nan, count: outputs)
      ckernels_gemv_bf16(instructionSet, weights, x, Int64(inputs), Int64(outputs), &y)
      for output in 0..<outputs {
        let sum = (0..<inputs).reduce(0.0) { $0 + Double(BFloat16.widened(weights[output * inputs + $1])) * Double(x[$1]) }
        #expect(abs(sum - Double(y[output])) < 1e-4)
      }
    }
  }

  @Test("of a matrix and a vector that is split into two of bf16 are what the sums of products are, up to infinity")
  func splitVectors() {
    guard ckernels_multiplies_bf16() != 0 else {
      return print("skipping products with a split vector: this CPU multiplies no bf16")
    }
    for (outputs, inputs) in [(1, 1), (3, 17), (4, 64), (7, 130), (64, 257), (5, 2085)] {
      let weights = Self.rounded(Self.values(outputs * inputs, 3), 0)
      for last: Float in [0.3, 3e38, .greatestFiniteMagnitude, .infinity, .nan, Float(bitPattern: 0xff80_0001)] {
        let x = Self.values(inputs - 1, 4) + [last]
        var halves = [UInt16](repeating: 0x7fc0, count: 2 * inputs)
        var y = [Float](repeating: .nan, count: outputs)
        ckernels_split(x, Int64(inputs), &halves)
        ckernels_gemv_split(weights, halves, Int64(inputs), Int64(outputs), &y)
        for output in 0..<outputs {
          let sum = (0..<inputs).reduce(0.0) { $0 + Double(BFloat16.widened(weights[output * inputs + $1])) * Double(x[$1]) }
          let isNear = abs(sum - Double(y[output])) < 1e-4 * max(1, abs(sum) / 10)
          #expect(
            isNear || (!sum.isFinite && (sum.isNaN ? y[output].isNaN : Double(y[output]) == sum)), "\(sum), not \(y[output])")
        }
      }
    }
  }

  @Test("of matrices are what the sums of products are, for random sizes, either way round", arguments: instructionSets)
  func products(instructionSet: Int32) {
    var random = SequentialRandom(RandomStream(seed: 13, path: 0))
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
    for seed in 0..<30 {
      let (rows, columns, depth) = (pick(1...20), pick(1...150), pick(1...600))
      let (right, across) = (Self.rounded(Self.values(depth * columns, UInt64(seed) + 100), 0), seed % 3 == 1)
      let (row, column) = across ? (1, depth) : (columns, 1)
      let left = Self.values(rows * depth, UInt64(seed))
      var result = [Float](repeating: .nan, count: rows * columns)
      left.withUnsafeBufferPointer { left in
        right.withUnsafeBufferPointer { right in
          result.withUnsafeMutableBufferPointer { result in
            var product = ckgemm(
              rows: Int64(rows), columns: Int64(columns), depth: Int64(depth), a: left.baseAddress, a_row: Int64(depth),
              a_depth: 1, b: right.baseAddress, b_is_bf16: 1, b_depth: Int64(row), b_column: Int64(column),
              c: result.baseAddress, c_row: Int64(columns), accumulate: 0)
            ckernels_gemm(instructionSet, &product)
          }
        }
      }
      var worst: Double = 0
      for i in 0..<rows {
        for j in 0..<columns {
          let sum = (0..<depth).reduce(0.0) {
            $0 + Double(left[i * depth + $1]) * Double(BFloat16.widened(right[$1 * row + j * column]))
          }
          worst = max(worst, abs(sum - Double(result[i * columns + j])))
        }
      }
      #expect(worst < 1e-4, "\(rows) x \(columns) x \(depth), case \(seed)")
    }
  }
}

/// bf16 as its definition has it, to compare with.
enum BFloat16 {
  static func widened(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

  /// Of the numbers on either side the nearer one, and the even one of two that are as near.
  static func nearest(_ value: Float) -> UInt16 {
    let below = UInt16(truncatingIfNeeded: value.bitPattern >> 16)
    guard value.isFinite, value != widened(below) else { return below }
    let (near, far) = (abs(Double(value) - Double(widened(below))), abs(distant(below) - Double(value)))
    return near < far || (near == far && below % 2 == 0) ? below : below + 1
  }

  static func rounded(_ value: Float) -> Float { widened(nearest(value)) }

  /// The next number away from zero; beyond the largest one, where it would be.
  private static func distant(_ bits: UInt16) -> Double {
    let next = widened(bits + 1)
    guard next.isInfinite else { return Double(next) }
    return 2 * Double(widened(bits)) - Double(widened(bits - 1))
  }
}
