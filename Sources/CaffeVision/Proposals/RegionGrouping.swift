/// Joins the most similar neighbours again and again, until one region is left.
///
/// Regions that are made get the next numbers; a pair is out of date when one of its regions was joined to another.
struct RegionGrouping {
  private let similarities: SelectiveSearch.Similarity
  private let pictureSize: Float
  private var histograms: HistogramRows
  private var regions: [Region]
  private var isPresent: [Bool]
  /// Of each region those that touch it, among them such as are no longer there.
  private var neighbours: [[Int32]]
  /// Of each region the last one whose neighbours it was counted among.
  private var marks: [Int32]
  private var heap = PairHeap([])
  /// How many pairs there may be until those out of date are looked for: a region that touches thousands leaves as many with
  /// every one that joins it.
  private var heapLimit = 0

  /// The boxes of all regions, those of the segmentation first, then those made of them, in the order they were made.
  static func boxes(of table: RegionTable, by similarities: SelectiveSearch.Similarity) -> [RegionBox] {
    var grouping = RegionGrouping(table, similarities)
    while grouping.regions.count < 2 * table.count - 1, let entry = grouping.heap.pop() { grouping.join(entry.pair) }
    return grouping.regions.map(\.box)
  }

  private init(_ table: RegionTable, _ similarities: SelectiveSearch.Similarity) {
    self.similarities = similarities
    pictureSize = Float(table.pictureSize)
    histograms = HistogramRows(table.histograms, table.layout)
    regions = (0..<table.count).map { Region(size: table.sizes[$0], box: table.boxes[$0], row: Int32($0)) }
    isPresent = [Bool](repeating: true, count: table.count)
    neighbours = [[Int32]](repeating: [], count: table.count)
    marks = [Int32](repeating: -1, count: table.count)
    for pair in table.pairs {
      neighbours[Int(pair.first)].append(pair.second)
      neighbours[Int(pair.second)].append(pair.first)
    }
    heap = PairHeap(table.pairs.map { entry($0) })
    heapLimit = 2 * heap.count
  }

  private func entry(_ pair: RegionPair) -> PairHeap.Entry {
    let (first, second) = (regions[Int(pair.first)], regions[Int(pair.second)])
    return PairHeap.Entry(similarity: similarity(first, second), pair: pair)
  }

  private func similarity(_ first: Region, _ second: Region) -> Float {
    var sum: Float = 0
    let size = Float(first.size + second.size)
    if similarities.contains(.color) { sum += histograms.sharedColor(first.row, second.row) }
    if similarities.contains(.texture) { sum += histograms.sharedTexture(first.row, second.row) }
    if similarities.contains(.size) { sum += 1 - size / pictureSize }
    if similarities.contains(.fill) { sum += 1 - (Float(first.box.union(second.box).area) - size) / pictureSize }
    return sum
  }

  private mutating func join(_ pair: RegionPair) {
    guard isPresent[Int(pair.first)], isPresent[Int(pair.second)] else { return }
    let number = Int32(regions.count)
    let (first, second) = (regions[Int(pair.first)], regions[Int(pair.second)])
    histograms.merge(first, second)
    regions.append(Region(size: first.size + second.size, box: first.box.union(second.box), row: first.row))
    isPresent[Int(pair.first)] = false
    isPresent[Int(pair.second)] = false
    isPresent.append(true)
    marks.append(number)
    neighbours.append(gathered(pair, for: number))
    dropOldPairs()
    for neighbour in neighbours[Int(number)] {
      neighbours[Int(neighbour)].append(number)
      heap.push(entry(RegionPair(first: neighbour, second: number)))
    }
  }

  private mutating func dropOldPairs() {
    guard heap.count > heapLimit else { return }
    let isPresent = isPresent
    heap.removeAll { !isPresent[Int($0.first)] || !isPresent[Int($0.second)] }
    heapLimit = max(2 * heap.count, heapLimit)
  }

  /// The regions that touch either of two, each once; the two give up their lists.
  private mutating func gathered(_ pair: RegionPair, for number: Int32) -> [Int32] {
    var all: [Int32] = []
    for part in [pair.first, pair.second] {
      for neighbour in neighbours[Int(part)] where isPresent[Int(neighbour)] && marks[Int(neighbour)] != number {
        marks[Int(neighbour)] = number
        all.append(neighbour)
      }
      neighbours[Int(part)] = []
    }
    return all
  }
}
