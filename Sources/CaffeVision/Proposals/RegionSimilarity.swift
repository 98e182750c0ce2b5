extension SelectiveSearch {
  /// What makes regions alike; of several the sum counts.
  public struct Similarity: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// What their colour histograms (25 bins a channel) share.
    public static let color = Similarity(rawValue: 1)
    /// What their histograms of slopes (8 directions, 10 bins each, a channel) share.
    public static let texture = Similarity(rawValue: 2)
    /// How little of the picture both cover: small regions go first.
    public static let size = Similarity(rawValue: 4)
    /// How well both fill the box around them.
    public static let fill = Similarity(rawValue: 8)
  }
}

/// A region while regions are being grouped.
struct Region: Sendable {
  var size: Int32
  var box: RegionBox
  /// The row of its histograms.
  var row: Int32
}

/// The rows of histograms of the regions that are still there.
struct HistogramRows: Sendable {
  private typealias Lanes = SIMD8<Float>
  private var values: [Float]
  private let layout: HistogramLayout

  init(_ values: [Float], _ layout: HistogramLayout) {
    self.values = values
    self.layout = layout
  }

  func sharedTexture(_ first: Int32, _ second: Int32) -> Float { shared(first, second, 0..<layout.texture) }

  func sharedColor(_ first: Int32, _ second: Int32) -> Float { shared(first, second, layout.texture..<layout.row) }

  /// The sum of the lesser of each two numbers, in one fixed order.
  private func shared(_ first: Int32, _ second: Int32, _ part: Range<Int>) -> Float {
    values.withUnsafeBytes { bytes in
      let (a, b) = (Int(first) * layout.row, Int(second) * layout.row)
      var sum = Lanes.zero
      for place in stride(from: part.lowerBound, to: part.upperBound, by: Lanes.scalarCount) {
        let left = bytes.loadUnaligned(fromByteOffset: (a + place) * 4, as: Lanes.self)
        let right = bytes.loadUnaligned(fromByteOffset: (b + place) * 4, as: Lanes.self)
        sum += left.replacing(with: right, where: right .< left)
      }
      let four = sum.lowHalf + sum.highHalf
      let two = four.lowHalf + four.highHalf
      return two.x + two.y
    }
  }

  /// Sets the first row to the mean of both, each weighted with its region's size.
  mutating func merge(_ first: Region, _ second: Region) {
    let total = Float(first.size) + Float(second.size)
    let (weight, other) = (Float(first.size) / total, Float(second.size) / total)
    let (a, b) = (Int(first.row) * layout.row, Int(second.row) * layout.row)
    values.withUnsafeMutableBufferPointer { values in
      for place in 0..<layout.row { values[a + place] = values[a + place] * weight + values[b + place] * other }
    }
  }
}
