import CaffeCore

/// How a dataset is cut into chunks of equal size, those at the far edges reaching beyond it.
struct HDF5ChunkGrid {
  let shape: Shape
  /// Extent of a chunk per axis, each at least 1.
  let chunk: [Int]

  /// How many chunks there are; the caller has bounded it.
  var count: Int { cells.reduce(1, *) }

  /// How many elements a chunk has, those beyond the dataset's edge included.
  var elementsPerChunk: Int { chunk.reduce(1, *) }

  private var cells: [Int] { zip(shape.dims, chunk).map { $0 / $1 + ($0 % $1 == 0 ? 0 : 1) } }

  /// Elements of one row along the first axis.
  var rowSize: Int { shape.dims.dropFirst().reduce(1, *) }

  /// Whether some of the rows lie in a chunk.
  func holds(_ rows: Range<Int>, chunk index: Int) -> Bool {
    let first = offset(of: index)[0]
    return first < rows.upperBound && first + chunk[0] > rows.lowerBound
  }

  /// The place of a chunk's first element along each axis.
  func offset(of index: Int) -> [Int] {
    var rest = index
    return zip(cells, chunk).reversed().map { cells, extent in
      defer { rest /= cells }
      return rest % cells * extent
    }.reversed()
  }

  /// The chunk that begins there; nil when none does.
  func index(at offset: [Int]) -> Int? {
    var index = 0
    for (axis, cells) in cells.enumerated() {
      guard offset[axis] >= 0, offset[axis] < shape[axis], offset[axis] % chunk[axis] == 0 else { return nil }
      index = index * cells + offset[axis] / chunk[axis]
    }
    return index
  }

  /// Gives `body` each stretch of elements that lies in one piece both in the chunk and in the dataset.
  func forEachRow(ofChunkAt offset: [Int], _ body: (_ inChunk: Int, _ inDataset: Int, _ count: Int) -> Void) {
    let extents = offset.indices.map { min(chunk[$0], shape[$0] - offset[$0]) }
    guard let length = extents.last, !extents.contains(0) else { return }
    let rows = extents.dropLast().reduce(1, *)
    for row in 0..<rows {
      var (rest, inChunk, inDataset) = (row, 0, offset[offset.count - 1])
      var (chunkStride, stride) = (chunk[offset.count - 1], shape[offset.count - 1])
      for axis in offset.indices.dropLast().reversed() {
        let place = rest % extents[axis]
        rest /= extents[axis]
        inChunk += place * chunkStride
        inDataset += (offset[axis] + place) * stride
        chunkStride *= chunk[axis]
        stride *= shape[axis]
      }
      body(inChunk, inDataset, length)
    }
  }
}

extension Shape {
  /// The extent of the first axis; a single number is one row.
  var rowCount: Int { dims.first ?? 1 }
}
