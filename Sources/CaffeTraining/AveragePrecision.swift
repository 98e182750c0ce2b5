/// How precision and recall become one number: SSD's `ap_version`.
public enum AveragePrecision: String, Sendable, CaseIterable {
  /// The mean over recalls 0, 0.1 … 1 of the best precision at that recall or a larger one (PASCAL VOC 2007).
  case elevenPoint = "11point"
  /// The mean over recalls 0, 0.01 … 1 of the same (COCO).
  case hundredAndOnePoint = "101point"
  /// The area under the curve of the best precision at a recall or a larger one (PASCAL VOC 2012).
  case maximumIntegral = "MaxIntegral"
  /// The area under the curve of precision over recall as it is.
  case integral = "Integral"

  /// Steps of recall smaller than this are none.
  private static let smallestStep: Float = 1e-6

  /// The number for a curve, by falling score.
  ///
  /// - Parameter verdicts: for each detection, best first, whether it is right.
  /// - Parameter truths: how many there are to find.
  package func callAsFunction(_ verdicts: [Bool], truths: Int) -> Float {
    guard truths > 0, !verdicts.isEmpty else { return 0 }
    var curve: [(recall: Float, precision: Float)] = []
    var right = 0
    for (index, isRight) in verdicts.enumerated() {
      if isRight { right += 1 }
      curve.append((Float(right) / Float(truths), Float(right) / Float(index + 1)))
    }
    switch self {
    case .elevenPoint: return AveragePrecision.mean(of: curve, steps: 10)
    case .hundredAndOnePoint: return AveragePrecision.mean(of: curve, steps: 100)
    case .maximumIntegral: return AveragePrecision.area(under: AveragePrecision.envelope(curve))
    case .integral: return AveragePrecision.area(under: curve)
    }
  }

  /// The mean over evenly spaced recalls of the best precision there or further on.
  private static func mean(of curve: [(recall: Float, precision: Float)], steps: Int) -> Float {
    let best = envelope(curve)
    var (sum, place): (Float, Int) = (0, 0)
    for step in 0...steps {
      while place < best.count, best[place].recall < Float(step) / Float(steps) { place += 1 }
      if place < best.count { sum += best[place].precision }
    }
    return sum / Float(steps + 1)
  }

  /// The curve with each precision raised to the best one that follows.
  private static func envelope(_ curve: [(recall: Float, precision: Float)]) -> [(recall: Float, precision: Float)] {
    var curve = curve
    for index in curve.indices.dropLast().reversed() {
      curve[index].precision = max(curve[index].precision, curve[index + 1].precision)
    }
    return curve
  }

  private static func area(under curve: [(recall: Float, precision: Float)]) -> Float {
    var (area, before): (Float, Float) = (0, 0)
    for point in curve {
      if point.recall - before > smallestStep { area += point.precision * (point.recall - before) }
      before = point.recall
    }
    return area
  }
}
