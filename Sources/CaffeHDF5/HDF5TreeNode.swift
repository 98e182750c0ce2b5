/// A node of one of the trees of older files: entries of groups, or chunks of datasets.
///
/// These trees have no checksums, and libhdf5 follows their links even in circles until its stack is full.
struct HDF5TreeNode {
  /// What the tree is for.
  enum Kind: Int {
    case group = 0
    case chunks = 1
  }

  private static let headSize = 24
  private static let addressSize = 8

  /// 0 for leaves.
  let level: Int
  let count: Int
  private let keySize: Int
  private let entries: HDF5Bytes

  /// - Returns: nil when there is no such node.
  init?(file descriptor: Int32, at address: Int, kind: Kind, keySize: Int) {
    guard address < Int.max / 2, let head = HDF5Bytes(file: descriptor, at: address, count: HDF5TreeNode.headSize),
      head.begins(with: "TREE"), head.number(4, 1) == kind.rawValue, let level = head.number(5, 1), let count = head.number(6, 2),
      let entries = HDF5Bytes(
        file: descriptor, at: address + HDF5TreeNode.headSize, count: count * (keySize + HDF5TreeNode.addressSize))
    else { return nil }
    (self.level, self.count, self.keySize, self.entries) = (level, count, keySize, entries)
  }

  func key(_ index: Int) -> HDF5Bytes? { entries.part(index * (keySize + HDF5TreeNode.addressSize), keySize) }

  /// The address of what lies below; of a leaf's entry, where its content lies.
  func child(_ index: Int) -> Int? {
    entries.number(index * (keySize + HDF5TreeNode.addressSize) + keySize, HDF5TreeNode.addressSize)
  }

  /// Gives `body` all leaves below a root; every node is visited once, each one level below the one before.
  ///
  /// - Returns: false when the tree is damaged, or as soon as `body` says so.
  static func forEachLeaf<Failure: Error>(
    file descriptor: Int32, root: Int, kind: Kind, keySize: Int, _ body: (HDF5TreeNode) throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    var pending: [(address: Int, level: Int?)] = [(root, nil)]
    var visited: Set<Int> = []
    while let (address, level) = pending.popLast() {
      guard visited.insert(address).inserted,
        let node = HDF5TreeNode(file: descriptor, at: address, kind: kind, keySize: keySize), level ?? node.level == node.level
      else { return false }
      guard node.level > 0 else {
        guard try body(node) else { return false }
        continue
      }
      for index in 0..<node.count {
        guard let child = node.child(index) else { return false }
        pending.append((child, node.level - 1))
      }
    }
    return true
  }
}
