import CaffeData
import Testing

@testable import CaffeVision

@Suite("Grouping of regions")
struct GroupingTests {
  /// Regions as the paper has them: sets of pixels, compared anew with every other one at every step.
  private struct PlainRegion {
    var number: Int
    var pixels: Set<Int>
    var histograms: [Float]
  }

  private static let width = 48
  private static let height = 36

  /// A picture of overlapping rectangles and grain.
  private func picture(_ seed: Int) throws -> Image {
    var pixels = [UInt8](repeating: 90, count: Self.width * Self.height * 3)
    var state = UInt32(truncatingIfNeeded: seed &* 747_796_405 &+ 1)
    func next(_ bound: Int) -> Int {
      state = state &* 1_664_525 &+ 1_013_904_223
      return Int(state >> 8) % bound
    }
    for _ in 0..<9 {
      let (left, top, color) = (next(40), next(30), [next(230), next(230), next(230)])
      for y in top..<min(top + 4 + next(16), Self.height) {
        for x in left..<min(left + 12, Self.width) {
          for channel in 0..<3 { pixels[(y * Self.width + x) * 3 + channel] = UInt8(color[channel]) }
        }
      }
    }
    for place in pixels.indices { pixels[place] += UInt8(next(14)) }
    return try Image(width: Self.width, height: Self.height, channels: 3, pixels: pixels)
  }

  /// Joins the most similar pair of touching regions until one is left, looking at all of them every time.
  private func plainBoxes(
    _ table: RegionTable, _ labels: [Int32], _ kinds: SelectiveSearch.Similarity
  ) -> [RegionBox] {
    let row = table.layout.row
    var regions = (0..<table.count).map { number in
      PlainRegion(
        number: number, pixels: Set(labels.indices.filter { labels[$0] == number }),
        histograms: Array(table.histograms[number * row..<(number + 1) * row]))
    }
    var boxes = regions.map { box($0.pixels) }
    while regions.count > 1 {
      var best: (similarity: Float, first: Int, second: Int)?
      for second in regions.indices {
        for first in 0..<second where touch(regions[first], regions[second]) {
          let similarity = similarity(regions[first], regions[second], kinds, table.layout)
          if similarity > best?.similarity ?? -1 { best = (similarity, first, second) }
        }
      }
      guard let best else { break }
      let joined = joined(regions[best.first], regions[best.second], boxes.count)
      regions.remove(at: best.second)
      regions.remove(at: best.first)
      regions.append(joined)
      boxes.append(box(joined.pixels))
    }
    return boxes
  }

  private func touch(_ first: PlainRegion, _ second: PlainRegion) -> Bool {
    first.pixels.contains { pixel in
      let (x, y) = (pixel % Self.width, pixel / Self.width)
      for other in max(y - 1, 0)...min(y + 1, Self.height - 1) {
        for column in max(x - 1, 0)...min(x + 1, Self.width - 1)
        where second.pixels.contains(other * Self.width + column) { return true }
      }
      return false
    }
  }

  private func box(_ pixels: Set<Int>) -> RegionBox {
    let (columns, rows) = (pixels.map { Int32($0 % Self.width) }, pixels.map { Int32($0 / Self.width) })
    return RegionBox(minX: columns.min() ?? 0, minY: rows.min() ?? 0, maxX: columns.max() ?? 0, maxY: rows.max() ?? 0)
  }

  private func similarity(
    _ first: PlainRegion, _ second: PlainRegion, _ kinds: SelectiveSearch.Similarity, _ layout: HistogramLayout
  ) -> Float {
    let common = zip(first.histograms, second.histograms).map { min(Double($0), Double($1)) }
    let all = Double(Self.width * Self.height)
    let sizes = Double(first.pixels.count + second.pixels.count)
    var sum = 0.0
    if kinds.contains(.texture) { sum += common[..<layout.texture].reduce(0, +) }
    if kinds.contains(.color) { sum += common[layout.texture...].reduce(0, +) }
    if kinds.contains(.size) { sum += 1 - sizes / all }
    if kinds.contains(.fill) { sum += 1 - (Double(box(first.pixels.union(second.pixels)).area) - sizes) / all }
    return Float(sum)
  }

  private func joined(_ first: PlainRegion, _ second: PlainRegion, _ number: Int) -> PlainRegion {
    let (a, b) = (Float(first.pixels.count), Float(second.pixels.count))
    let histograms = zip(first.histograms, second.histograms).map { $0 * (a / (a + b)) + $1 * (b / (a + b)) }
    return PlainRegion(number: number, pixels: first.pixels.union(second.pixels), histograms: histograms)
  }

  @Test("the heap joins what looking at all pairs every time joins", arguments: [1, 2, 3])
  func naive(seed: Int) throws {
    let planes = ColorPlanes(try picture(seed), in: seed == 2 ? .intensity : .hsv)
    let segmentation = GraphSegmentation.segment(
      PixelGraph(planes, sigma: 0.8, joinsDiagonally: false), k: 60, minimum: 16)
    let table = RegionTable(segmentation, PixelBins(planes))
    #expect(table.count > 8)
    let kinds: [SelectiveSearch.Similarity] = [[.color, .texture, .size, .fill], [.texture, .size, .fill], [.color]]
    for kinds in kinds {
      #expect(RegionGrouping.boxes(of: table, by: kinds) == plainBoxes(table, segmentation.labels, kinds))
    }
  }

  @Test("a ground that touches everything: pairs out of date are dropped on the way")
  func ground() throws {
    var values = [UInt8](repeating: 250, count: Self.width * Self.height)
    for place in values.indices where place % Self.width % 8 < 5 && place / Self.width % 8 < 5 {
      values[place] = UInt8((place % Self.width / 8 * 31 + place / Self.width / 8 * 47) % 200)
    }
    let planes = ColorPlanes(width: Self.width, height: Self.height, planes: [values])
    let segmentation = GraphSegmentation.segment(PixelGraph(planes, sigma: 0, joinsDiagonally: false), k: 16, minimum: 16)
    let table = RegionTable(segmentation, PixelBins(planes))
    #expect(table.count == 31 && table.pairs.count == 30)
    let boxes = RegionGrouping.boxes(of: table, by: [.color, .texture, .size, .fill])
    #expect(boxes == plainBoxes(table, segmentation.labels, [.color, .texture, .size, .fill]))
  }

  @Test("sizes, boxes and neighbours are those of the pixels; each histogram adds up to one", arguments: [4, 5])
  func table(seed: Int) throws {
    let planes = ColorPlanes(try picture(seed), in: .lab)
    let segmentation = GraphSegmentation.segment(PixelGraph(planes, sigma: 0.8, joinsDiagonally: true), k: 60, minimum: 16)
    let table = RegionTable(segmentation, PixelBins(planes))
    let regions = (0..<table.count).map { number in
      PlainRegion(
        number: number, pixels: Set(segmentation.labels.indices.filter { segmentation.labels[$0] == number }), histograms: [])
    }
    for (number, region) in regions.enumerated() {
      #expect(Int(table.sizes[number]) == region.pixels.count && table.boxes[number] == box(region.pixels))
      let row = table.histograms[number * table.layout.row..<(number + 1) * table.layout.row]
      #expect(abs(row.prefix(table.layout.texture).reduce(0, +) - 1) < 1e-5)
      #expect(abs(row.dropFirst(table.layout.texture).reduce(0, +) - 1) < 1e-5)
    }
    let pairs = regions.indices.flatMap { first in
      regions.indices.dropFirst(first + 1).filter { touch(regions[first], regions[$0]) }
        .map { RegionPair(first: Int32(first), second: Int32($0)) }
    }
    #expect(table.pairs == pairs)
  }

  @Test("a slope's bins: a ramp has all of its texture in one direction's last bin")
  func texture() {
    // Rising to the right by a step a pixel: along x and both diagonals the steepest everywhere but at the mirrored edges.
    let values = (0..<20 * 12).map { UInt8($0 % 20 * 5) }
    let bins = PixelBins(ColorPlanes(width: 20, height: 12, planes: [values]))
    #expect(bins.layout.row == 80 + 32 && bins.layout.perPixel == 5)
    let middle = bins.bins[(6 * 20 + 10) * 5..<(6 * 20 + 11) * 5]
    // To the right: upwards, bin 9. Down: no slope. Down and right: 9 of the third axis. Down and left: 9 downwards.
    #expect(Array(middle) == [9, 20, 49, 79, UInt8(50 * 25 / 256)])
  }

  @Test("the heap gives pairs by similarity, then by their numbers")
  func heap() {
    var entries: [PairHeap.Entry] = []
    for index: Int32 in 0..<60 {
      let pair = RegionPair(first: index * 11 % 8, second: index * 13 % 9 + 8)
      entries.append(PairHeap.Entry(similarity: Float(index * 7 % 5), pair: pair))
    }
    var heap = PairHeap(Array(entries.prefix(30)))
    for entry in entries.dropFirst(30) { heap.push(entry) }
    var popped: [PairHeap.Entry] = []
    while let entry = heap.pop() { popped.append(entry) }
    let expected = entries.sorted { first, second in
      if first.similarity != second.similarity { return first.similarity > second.similarity }
      if first.pair.first != second.pair.first { return first.pair.first < second.pair.first }
      return first.pair.second < second.pair.second
    }
    #expect(popped.map { $0.similarity } == expected.map { $0.similarity })
    #expect(popped.map { $0.pair } == expected.map { $0.pair })
  }
}
