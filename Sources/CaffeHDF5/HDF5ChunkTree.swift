/// The older index of a dataset's chunks: a tree of nodes, read step by step.
///
/// libhdf5 follows links of this tree in circles and takes lengths in it for true; here every node is looked at within
/// bounds.
struct HDF5ChunkTree {
  /// Where a chunk lies.
  struct Entry {
    /// The first element's place along each axis.
    let offset: [Int]
    /// Has a bit for each filter that was left out.
    let mask: UInt32
    let address: Int
    /// In bytes.
    let size: Int
  }

  private static let headSize = 24

  /// Nil when nothing is stored yet.
  private let root: Int?
  private let descriptor: Int32
  private let rank: Int
  /// The most nodes and chunks that are looked at.
  private let limit: Int
  private let place: HDF5Place

  /// - Parameters:
  ///   - layout: the dataset's layout message.
  ///   - chunks: how many chunks the dataset's shape has room for.
  /// - Returns: nil when the message is not that of a chunked dataset of that rank with such a tree.
  init?(layout: HDF5Bytes, file descriptor: Int32, rank: Int, chunks: Int, at place: HDF5Place) {
    guard let version = layout.number(0, 1), (1...3).contains(version) else { return nil }
    let isNew = version == 3
    guard layout.number(isNew ? 1 : 2, 1) == 2, layout.number(isNew ? 2 : 1, 1) == rank + 1,
      let address = layout.part(isNew ? 3 : 8, 8)
    else { return nil }
    root = address.number(0, 8)
    self.descriptor = descriptor
    self.rank = rank
    limit = chunks
    self.place = place
  }

  /// Gives `body` every chunk.
  ///
  /// - Throws: `HDF5Error` when the tree is damaged, or what `body` throws.
  func forEach(_ body: (Entry) throws(HDF5Error) -> Void) throws(HDF5Error) {
    guard let root else { return }
    var pending: [(address: Int, level: Int?)] = [(root, nil)]
    var (nodes, chunks) = (0, 0)
    while let (address, level) = pending.popLast() {
      nodes += 1
      let node = try Node(file: descriptor, at: address, rank: rank, place)
      guard level ?? node.level == node.level, nodes <= 2 * limit + 16 else { throw damage() }
      for index in 0..<node.count {
        guard let entry = node.entry(index) else { throw damage() }
        if node.level > 0 {
          pending.append((entry.address, node.level - 1))
        } else {
          chunks += 1
          guard chunks <= limit else { throw damage() }
          try body(entry)
        }
      }
    }
  }

  private func damage() -> HDF5Error { place.error("its index of chunks is damaged") }

  /// One node of the tree.
  private struct Node {
    let level: Int
    let count: Int
    private let rank: Int
    private let bytes: HDF5Bytes

    init(file descriptor: Int32, at address: Int, rank: Int, _ place: HDF5Place) throws(HDF5Error) {
      self.rank = rank
      guard address < Int.max / 2, let head = HDF5Bytes(file: descriptor, at: address, count: HDF5ChunkTree.headSize),
        head.begins(with: "TREE"), head.number(4, 1) == 1, let level = head.number(5, 1), let count = head.number(6, 2),
        let bytes = HDF5Bytes(
          file: descriptor, at: address + HDF5ChunkTree.headSize, count: count * Node.entrySize(rank: rank))
      else { throw place.error("its index of chunks is damaged") }
      self.level = level
      self.count = count
      self.bytes = bytes
    }

    /// A key (size, mask and offset, one axis more for the bytes of an element) and an address.
    private static func entrySize(rank: Int) -> Int { 8 + (rank + 1) * 8 + 8 }

    func entry(_ index: Int) -> Entry? {
      let start = index * Node.entrySize(rank: rank)
      let offset = (0..<rank).compactMap { bytes.number(start + 8 + $0 * 8, 8) }
      guard let size = bytes.number(start, 4), let mask = bytes.number(start + 4, 4), offset.count == rank,
        let address = bytes.number(start + 8 + (rank + 1) * 8, 8)
      else { return nil }
      return Entry(offset: offset, mask: UInt32(mask), address: address, size: size)
    }
  }
}
