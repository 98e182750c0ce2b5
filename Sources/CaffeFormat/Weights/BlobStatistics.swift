/// What a blob's numbers are like, computed in double precision. Numbers that are NaN or infinite are counted, and left out of the
/// rest.
public struct BlobStatistics: Sendable, Equatable, Encodable {
  public private(set) var minimum = Double.infinity
  public private(set) var maximum = -Double.infinity
  public private(set) var mean = 0.0
  /// The standard deviation of the numbers as a population.
  public private(set) var deviation = 0.0
  /// Numbers that are exactly 0.
  public private(set) var zeros = 0
  /// Numbers that are NaN or infinite.
  public private(set) var notFinite = 0

  /// Looks at the numbers twice: the mean first, which makes the deviation exact.
  public init(_ run: NumberRun) {
    let values = run.floats
    var sum = 0.0
    for value in values { add(Double(value), to: &sum) }
    let count = values.count - notFinite
    guard count > 0 else {
      (minimum, maximum) = (0, 0)
      return
    }
    mean = sum / Double(count)
    let squares = values.reduce(0.0) { $1.isFinite ? $0 + (Double($1) - mean) * (Double($1) - mean) : $0 }
    deviation = (squares / Double(count)).squareRoot()
  }

  private mutating func add(_ value: Double, to sum: inout Double) {
    guard value.isFinite else {
      notFinite += 1
      return
    }
    sum += value
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    if value == 0 { zeros += 1 }
  }
}
