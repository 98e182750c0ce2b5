/// The older index of a dataset's chunks, read step by step: libhdf5 takes the lengths in it for true.
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

  let root: Int
  let descriptor: Int32
  let rank: Int
  let place: HDF5Place

  /// Gives `body` every chunk.
  ///
  /// - Throws: `HDF5Error` when the tree is damaged, or what `body` throws.
  func forEachEntry(_ body: (Entry) throws(HDF5Error) -> Void) throws(HDF5Error) {
    // A key is size, mask and offset, with one axis more for the bytes of an element.
    let keySize = 8 + (rank + 1) * 8
    let isSound = try HDF5TreeNode.forEachLeaf(file: descriptor, root: root, kind: .chunks, keySize: keySize) {
      leaf throws(HDF5Error) in
      for index in 0..<leaf.count {
        guard let entry = entry(leaf, index) else { return false }
        try body(entry)
      }
      return true
    }
    guard isSound else { throw place.error("its index of chunks is damaged") }
  }

  private func entry(_ leaf: HDF5TreeNode, _ index: Int) -> Entry? {
    guard let key = leaf.key(index), let address = leaf.child(index), let size = key.number(0, 4), let mask = key.number(4, 4)
    else {
      return nil
    }
    let offset = (0..<rank).compactMap { key.number(8 + $0 * 8, 8) }
    return offset.count == rank ? Entry(offset: offset, mask: UInt32(mask), address: address, size: size) : nil
  }
}
