/// Which two source samples make one target sample along an axis, and how much of the second.
struct Resampling {
  /// The source sample at or before the target's centre, per target sample.
  let first: [Int]
  /// The one after it; the same at the border.
  let second: [Int]
  /// The weight of `second`, 0 ..< 1.
  let fraction: [Float]

  /// Centres of pixels are aligned: target x lies at (x + ½)·source/target − ½, as in OpenCV.
  init(from source: Int, to target: Int) {
    let scale = Double(source) / Double(target)
    var first: [Int] = []
    var fraction: [Float] = []
    for x in 0..<target {
      let position = Float((Double(x) + 0.5) * scale - 0.5)
      let whole = Int(position.rounded(.down))
      let isInside = whole >= 0 && whole < source - 1
      first.append(min(max(whole, 0), source - 1))
      fraction.append(isInside ? position - Float(whole) : 0)
    }
    self.first = first
    self.fraction = fraction
    second = first.map { min($0 + 1, source - 1) }
  }

  /// The weights of `first` and `second` in units of 1/2048.
  var fixedPoint: [(first: Int32, second: Int32)] {
    fraction.map { value in
      (Int32(((1 - value) * 2048).rounded(.toNearestOrEven)), Int32((value * 2048).rounded(.toNearestOrEven)))
    }
  }
}
