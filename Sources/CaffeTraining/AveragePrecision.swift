/// How precision and recall become one number: SSD's `ap_version`.
public enum AveragePrecision: String, Sendable, CaseIterable {
  /// The mean over recalls 0, 0.1 … 1 of the best precision at that recall or a larger one (PASCAL VOC 2007).
  case elevenPoint = "11point"
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
  func callAsFunction(_ verdicts: [Bool], truths: Int) -> Float {
    guard truths > 0, !verdicts.isEmpty else { return 0 }
    var curve: [(recall: Float, precision: Float)] = []
    var right = 0
    for (index, isRight) in verdicts.enumerated() {
      if isRight { right += 1 }
      curve.append((Float(right) / Float(truths), Float(right) / Float(index + 1)))
    }
    switch self {
    case .elevenPoint: return AveragePrecision.elevenPoints(curve)
    case .maximumIntegral: return AveragePrecision.area(under: AveragePrecision.envelope(curve))
    case .integral: return AveragePrecision.area(under: curve)
    }
  }

  private static func elevenPoints(_ curve: [(recall: Float, precision: Float)]) -> Float {
    (0...10).reduce(Float(0)) { sum, tenth in
      sum + (curve.filter { $0.recall >= Float(tenth) / 10 }.map(\.precision).max() ?? 0)
    } / 11
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
