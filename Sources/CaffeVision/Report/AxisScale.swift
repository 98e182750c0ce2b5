#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

extension Double {
  /// Whether it is a number that a blob can hold: sums of larger ones might be none.
  var canBeDrawn: Bool { abs(self) <= Double(Float.greatestFiniteMagnitude) }
}

/// A stretch of numbers along an axis, with round numbers to mark.
struct AxisScale: Equatable {
  let lower: Double
  let upper: Double
  /// The distance between two marks.
  let step: Double

  /// The smallest scale of round numbers that holds all the values.
  ///
  /// - Parameter marks: about how many marks there should be.
  init(holding values: some Sequence<Double>, marks: Int) {
    let finite = values.filter(\.canBeDrawn)
    let low = finite.min() ?? 0
    let high = finite.max() ?? 1
    // Values that lie closer together than a number can tell, or nearer to 0 than any picture shows, are one value.
    let least = max(max(abs(low), abs(high)) * 1e-6, 1e-9)
    let span = high / Double(max(marks, 1)) - low / Double(max(marks, 1))
    let step = AxisScale.round(high > low ? max(span, least) : max(least, 1))
    self.step = step
    lower = (low / step).rounded(.down) * step
    upper = max((high / step).rounded(.up) * step, lower + step)
  }

  /// The numbers to mark.
  var ticks: [Double] { (0...Int(((upper - lower) / step).rounded())).map { lower + Double($0) * step } }

  /// Where a number lies: 0 at `lower`, 1 at `upper`.
  func place(_ value: Double) -> Double { (value - lower) / (upper - lower) }

  /// A mark's text, with the decimals that the step has.
  func label(_ value: Double) -> String {
    let decimals = Int(max(0, -log10(step).rounded(.down)))
    guard abs(value) < 1e9, decimals < 7 else { return "\(Float(value))" }
    let text = Markup.plain(abs(value) < step / 2 ? 0 : value, decimals: decimals)
    guard decimals > 0 else { return max(abs(lower), abs(upper)) < 10_000 ? text : AxisScale.grouped(text) }
    let places = text.split(separator: ".").dropFirst().first?.count ?? 0
    return text + (places == 0 ? "." : "") + String(repeating: "0", count: max(0, decimals - places))
  }

  /// 1, 2 or 5 times a power of ten, not below the value.
  private static func round(_ value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    let multiple = [1, 2, 5, 10].first { $0 * power >= value * (1 - 1e-9) } ?? 10
    return multiple * power
  }

  /// Thousands apart by a narrow space.
  private static func grouped(_ digits: String) -> String {
    var text = ""
    for (index, digit) in digits.enumerated() {
      if !text.isEmpty, text != "-", (digits.count - index) % 3 == 0 { text += "\u{202F}" }
      text.append(digit)
    }
    return text
  }
}
