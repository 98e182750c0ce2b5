import CaffeCore

/// How far two computations of one value may lie apart: `absolute + relative · max |expected|`.
public struct Tolerance: Sendable {
  /// What is allowed whatever the size of the values.
  public var absolute: Float
  /// What is allowed as a share of the largest expected value.
  public var relative: Float

  public init(absolute: Float = 1e-4, relative: Float = 1e-3) {
    self.absolute = absolute
    self.relative = relative
  }

  /// No difference at all, to the last bit.
  public static let exact = Tolerance(absolute: 0, relative: 0)

  /// Where two tensors differ most, in words; nil when they agree.
  public func mismatch(_ actual: Tensor?, _ expected: Tensor) -> String? {
    guard let actual else { return "is missing" }
    guard actual.shape == expected.shape else { return "has shape \(actual.shape) instead of \(expected.shape)" }
    let largest = expected.values.reduce(Float(0)) { max($0, abs($1)) }
    let limit = absolute + relative * largest
    var worst: (index: Int, distance: Float)?
    for (index, (a, e)) in zip(actual.values, expected.values).enumerated() where !agree(a, e, limit) {
      let distance = abs(a - e)
      if worst.map({ distance > $0.distance || distance.isNaN }) ?? true { worst = (index, distance) }
    }
    return worst.map { "at \($0.index) is \(actual[$0.index]) instead of \(expected[$0.index]) (allowed: \(limit) apart)" }
  }

  private func agree(_ actual: Float, _ expected: Float, _ limit: Float) -> Bool {
    actual.isNaN ? expected.isNaN : actual == expected || abs(actual - expected) <= limit
  }

  /// One line for every name in `expected` whose tensor differs or is missing.
  public func mismatches(_ actual: [String: Tensor], _ expected: [String: Tensor], _ title: String = "") -> [String] {
    expected.sorted { $0.key < $1.key }.compactMap { name, tensor in
      mismatch(actual[name], tensor).map { "\(title)\(name) \($0)" }
    }
  }
}
