/// How a dataset's values are stored: its layout message.
struct HDF5Layout {
  private static let chunked = 2

  /// The extents of a chunk and, as the last one, the bytes of an element; empty when the values lie in one piece.
  let chunk: [Int]
  /// The address of the older index of chunks; nil when nothing is stored, or the index is a newer one.
  let tree: Int?

  /// - Returns: nil when the message is damaged.
  init?(_ message: HDF5Bytes) {
    guard let version = message.number(0, 1), let kind = message.number(version < 3 ? 2 : 1, 1) else { return nil }
    guard kind == HDF5Layout.chunked else {
      (chunk, tree) = ([], nil)
      return
    }
    let (rankPlace, dimsPlace, width) = version < 3 ? (1, 16, 4) : version == 3 ? (2, 11, 4) : (3, 5, message.number(4, 1) ?? 0)
    guard let rank = message.number(rankPlace, 1) else { return nil }
    let dims = (0..<rank).compactMap { message.number(dimsPlace + $0 * width, width) }
    guard (1...4).contains(version), (1...8).contains(width), dims.count == rank, rank > 1 else { return nil }
    chunk = dims
    tree = version < 4 ? message.number(version < 3 ? 8 : 3, 8) : nil
  }

  /// Whether libhdf5 can open the dataset: it divides by the size of a chunk, of which it keeps 32 bits.
  var isSound: Bool {
    !chunk.contains(0) && chunk.reduce(1.0) { $0 * Double($1) } <= Double(UInt32.max)
  }
}
