import CaffeGraph
import Foundation
import Testing

@testable import CaffeLayers

@Suite("Elementary functions on lanes")
struct ElementaryLanesTests {
  /// Floats of every sign and exponent with differing digits, and the special ones.
  private static let samples: [Float] =
    stride(from: UInt64(0), to: 1 << 32, by: 5_300_009).map { Float(bitPattern: UInt32($0)) }
    + [
      0, -0.0, 1, -1, .infinity, -.infinity, .nan, .leastNonzeroMagnitude, -.leastNonzeroMagnitude, .leastNormalMagnitude,
      .greatestFiniteMagnitude, 88.722, 88.723, 88.73, -87.4, -103.9, -104.1, 0.625, 0.5, 1e-4, 1.000_000_1, 0.999_999_9, 3, 20,
    ]

  /// Elements that are not within `limit` units in the last place of the function in double precision, or 0 where that is
  /// below the normal numbers and `flushes`.
  private func misses(
    within limit: Double, flushes: Bool = false, _ function: (Lanes) -> Lanes, _ exact: (Double) -> Double
  ) -> [String] {
    ElementaryLanesTests.samples.enumerated().compactMap { index, x in
      var lanes = Lanes(repeating: 0.5)
      lanes[index % 8] = x
      let (found, wanted) = (function(lanes)[index % 8], exact(Double(x)))
      let rounded = abs(wanted) < Double(Float.leastNormalMagnitude) && flushes ? 0 : Float(wanted)
      if found == rounded || found.isNaN && rounded.isNaN { return nil }
      let distance = abs(Double(found) - wanted) / Double(max(rounded.ulp, .leastNonzeroMagnitude))
      return distance <= limit ? nil : "f(\(x)) = \(found), not \(wanted)"
    }
  }

  @Test("are those of mathematics, to 2 units in the last place")
  func accuracy() {
    #expect(misses(within: 1, flushes: true, { exponential($0) }, { exp($0) }) == [])
    #expect(misses(within: 1, { logarithm($0) }, { $0 < 0 ? .nan : log($0) }) == [])
    #expect(misses(within: 2, { hyperbolicTangent($0) }, { tanh($0) }) == [])
    #expect(misses(within: 3, flushes: true, { softplus($0) }, { $0 > 0 ? $0 + log1p(exp(-$0)) : log1p(exp($0)) }) == [])
  }

  @Test("are 0 where the logistic function is below e^-87")
  func logisticAccuracy() {
    #expect(misses(within: 3, { logistic($0) }, { $0 < -87 ? 0 : 1 / (1 + exp(-$0)) }) == [])
  }

  @Test(
    "raise to powers as pow does", arguments: [(0.3, 2), (-0.75, 2), (1.5, 2), (2.7, 4), (3, 2), (5, 4), (100, 1), (100.5, 1)])
  func powers(exponent: Float, limit: Double) {
    #expect(misses(within: limit, { power($0, exponent) }, { pow($0, Double(exponent)) }) == [])
  }

  @Test("set every element of a view of any length, also in place", arguments: [0, 1, 7, 8, 9, 31])
  func views(count: Int) {
    var (x, y) = ((0..<count).map { Float($0) - 3 }, [Float](repeating: -1, count: count + 1))
    let wanted = x.map { $0 * $0 + 1 }
    x.withUnsafeMutableBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        guard let from = x.baseAddress, let into = y.baseAddress else { return }
        let (source, target) = (TensorView([count], from), TensorView([count], into))
        target.setEach(source) { $0 * $0 + 1 }
        source.setEach(source, target) { _, y in y }
      }
    }
    #expect(Array(y.dropLast()) == wanted && x == wanted)
    #expect(y[count] == -1, "written behind the end")
  }
}
