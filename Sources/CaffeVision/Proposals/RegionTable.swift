/// A box of pixels at the working size, both ends inside.
struct RegionBox: Sendable, Hashable {
  var minX: Int32
  var minY: Int32
  var maxX: Int32
  var maxY: Int32

  var width: Int32 { maxX - minX + 1 }
  var height: Int32 { maxY - minY + 1 }
  var area: Int { Int(width) * Int(height) }

  /// The smallest box around both.
  func union(_ other: RegionBox) -> RegionBox {
    RegionBox(
      minX: min(minX, other.minX), minY: min(minY, other.minY), maxX: max(maxX, other.maxX), maxY: max(maxY, other.maxY))
  }
}

/// Two regions that touch; the first has the lower number.
struct RegionPair: Sendable, Hashable {
  let first: Int32
  let second: Int32
}

/// What grouping has to know of the regions of a segmentation.
struct RegionTable: Sendable {
  /// H·W of the segmented picture.
  let pictureSize: Int
  let layout: HistogramLayout
  private(set) var sizes: [Int32]
  private(set) var boxes: [RegionBox]
  /// By region a row of `layout.row` numbers; each of the two histograms in it adds up to 1.
  private(set) var histograms: [Float]
  /// In ascending order.
  private(set) var pairs: [RegionPair]

  var count: Int { sizes.count }

  init(_ segmentation: Segmentation, _ bins: PixelBins) {
    pictureSize = segmentation.labels.count
    layout = bins.layout
    (sizes, boxes) = RegionTable.extents(segmentation)
    histograms = RegionTable.histograms(segmentation, bins, sizes)
    pairs = RegionTable.pairs(segmentation)
  }

  private static func extents(_ segmentation: Segmentation) -> ([Int32], [RegionBox]) {
    var sizes = [Int32](repeating: 0, count: segmentation.count)
    let none = RegionBox(minX: .max, minY: .max, maxX: -1, maxY: -1)
    var boxes = [RegionBox](repeating: none, count: segmentation.count)
    let labels = segmentation.labels
    for y in 0..<segmentation.height {
      let end = (y + 1) * segmentation.width
      var start = y * segmentation.width
      while start < end {
        let label = labels[start]
        let next = labels[start..<end].firstIndex { $0 != label } ?? end
        let (first, row) = (Int32(start % segmentation.width), Int32(y))
        let run = Int32(next - start)
        sizes[Int(label)] += run
        let box = RegionBox(minX: first, minY: row, maxX: first + run - 1, maxY: row)
        boxes[Int(label)] = boxes[Int(label)].union(box)
        start = next
      }
    }
    return (sizes, boxes)
  }

  private static func histograms(_ segmentation: Segmentation, _ bins: PixelBins, _ sizes: [Int32]) -> [Float] {
    let layout = bins.layout
    var counts = [Int32](repeating: 0, count: segmentation.count * layout.row)
    let slopes = layout.channels * 4
    counts.withUnsafeMutableBufferPointer { counts in
      bins.bins.withUnsafeBufferPointer { bins in
        for (pixel, label) in segmentation.labels.enumerated() {
          let row = Int(label) &* layout.row
          let place = pixel &* layout.perPixel
          for bin in place..<place &+ slopes { counts[row &+ Int(bins[bin])] &+= 1 }
          for bin in place &+ slopes..<place &+ layout.perPixel { counts[row &+ layout.texture &+ Int(bins[bin])] &+= 1 }
        }
      }
    }
    for (region, size) in sizes.enumerated() { completeTexture(of: region, size, layout, &counts) }
    return normalized(counts, sizes, layout)
  }

  /// Adds to each direction's first bin the pixels that are in none of its bins: those that slope the other way.
  private static func completeTexture(of region: Int, _ size: Int32, _ layout: HistogramLayout, _ counts: inout [Int32]) {
    let start = region * layout.row
    for first in stride(from: start, to: start + layout.texture, by: HistogramLayout.textureBins) {
      let known = counts[first..<first + HistogramLayout.textureBins].reduce(0, +)
      counts[first] += size - known
    }
  }

  private static func normalized(_ counts: [Int32], _ sizes: [Int32], _ layout: HistogramLayout) -> [Float] {
    var values = [Float](repeating: 0, count: counts.count)
    for (region, size) in sizes.enumerated() {
      let colors = Float(size) * Float(layout.channels)
      let slopes = colors * Float(HistogramLayout.directions)
      let start = region * layout.row
      for place in start..<start + layout.texture { values[place] = Float(counts[place]) / slopes }
      for place in start + layout.texture..<start + layout.row { values[place] = Float(counts[place]) / colors }
    }
    return values
  }

  /// The pairs of regions with pixels that touch by a side or a corner.
  private static func pairs(_ segmentation: Segmentation) -> [RegionPair] {
    let width = segmentation.width
    var keys: [UInt64] = []
    var last: UInt64 = 0  // no key: a pair's second number is at least 1
    segmentation.labels.withUnsafeBufferPointer { labels in
      func note(_ pixel: Int, _ other: Int) {
        let (a, b) = (labels[pixel], labels[other])
        guard a != b else { return }
        let key = UInt64(min(a, b)) << 32 | UInt64(max(a, b))
        if key != last { keys.append(key) }
        last = key
      }
      for y in 0..<segmentation.height {
        for pixel in y * width..<(y + 1) * width {
          let isFirst = pixel == y * width
          if !isFirst { note(pixel, pixel - 1) }
          guard y > 0 else { continue }
          note(pixel, pixel - width)
          if !isFirst { note(pixel, pixel - width - 1) }
          if pixel + 1 < (y + 1) * width { note(pixel, pixel - width + 1) }
        }
      }
    }
    return unique(keys, below: segmentation.count)
  }

  private static func unique(_ keys: [UInt64], below count: Int) -> [RegionPair] {
    var keys = keys
    let bits = Int.bitWidth - count.leadingZeroBitCount
    RadixSort.sort(&keys, from: 0, bits: bits)
    RadixSort.sort(&keys, from: 32, bits: bits)
    var pairs: [RegionPair] = []
    for (index, key) in keys.enumerated() where index == 0 || keys[index - 1] != key {
      pairs.append(RegionPair(first: Int32(key >> 32), second: Int32(key & 0xFFFF_FFFF)))
    }
    return pairs
  }
}
