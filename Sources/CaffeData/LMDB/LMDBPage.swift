/// A page of a database file: branch, leaf or overflow, with every offset in it checked before use.
///
/// Layout: 8 bytes page number, 2 unused, 2 flags, 2 end of the table of offsets, 2 start of the nodes (for overflow
/// pages the last 4 are the number of pages); then one 2-byte offset per node.
struct LMDBPage {
  static let headerSize = 16
  private static let nodeHeaderSize = 8
  private static let branchFlag: UInt16 = 0x01
  private static let leafFlag: UInt16 = 0x02
  static let overflowFlag: UInt16 = 0x04

  /// What a node of a leaf says about its value.
  struct Leaf {
    let key: UnsafeRawBufferPointer
    /// Bytes in the value.
    let size: Int
    /// The first overflow page; nil when the value lies in `inline`.
    let overflow: Int?
    let inline: UnsafeRawBufferPointer
  }

  let number: Int
  private let bytes: UnsafeRawBufferPointer
  private let path: String

  init(number: Int, bytes: UnsafeRawBufferPointer, path: String) {
    self.number = number
    self.bytes = bytes
    self.path = path
  }

  /// Without the bits LMDB uses for pages in memory.
  private var flags: UInt16 { read(at: 10) & 0x2F }
  var isBranch: Bool { flags == LMDBPage.branchFlag }
  var isLeaf: Bool { flags == LMDBPage.leafFlag }
  var isOverflow: Bool { flags == LMDBPage.overflowFlag }

  /// The pages an overflow value takes, this one included.
  var overflowPages: Int { Int(read(at: 12) as UInt32) }

  /// The number of nodes of a branch or leaf.
  func nodeCount() throws(DatabaseError) -> Int {
    let lower = Int(read(at: 12) as UInt16)
    guard lower >= LMDBPage.headerSize, lower <= bytes.count, lower % 2 == 0 else { throw damaged("its table of nodes") }
    return (lower - LMDBPage.headerSize) / 2
  }

  /// The page below node `index` of a branch.
  func child(_ index: Int) throws(DatabaseError) -> Int {
    let node = try node(index)
    return Int(read(at: node) as UInt32) | Int(read(at: node + 4) as UInt16) << 32
  }

  /// Node `index` of a leaf.
  func leaf(_ index: Int) throws(DatabaseError) -> Leaf {
    let node = try node(index)
    let size = Int(read(at: node) as UInt32)
    let flags: UInt16 = read(at: node + 4)
    let keyStart = node + LMDBPage.nodeHeaderSize
    let keyEnd = keyStart + Int(read(at: node + 6) as UInt16)
    let isOverflow = flags == 1
    let end = keyEnd + (isOverflow ? 8 : size)
    guard flags <= 1 else { throw DatabaseError(path: path, "it has named databases or several values a key; neither is read") }
    guard end <= bytes.count else { throw damaged("node \(index)") }
    let key = UnsafeRawBufferPointer(rebasing: bytes[keyStart..<keyEnd])
    guard isOverflow else {
      return Leaf(key: key, size: size, overflow: nil, inline: UnsafeRawBufferPointer(rebasing: bytes[keyEnd..<end]))
    }
    let first = Int(truncatingIfNeeded: read(at: keyEnd) as UInt64)
    return Leaf(key: key, size: size, overflow: first, inline: UnsafeRawBufferPointer(start: nil, count: 0))
  }

  /// The offset of a node whose header lies inside the page.
  private func node(_ index: Int) throws(DatabaseError) -> Int {
    let offset = Int(read(at: LMDBPage.headerSize + 2 * index) as UInt16)
    guard offset >= LMDBPage.headerSize, offset + LMDBPage.nodeHeaderSize <= bytes.count else {
      throw damaged("the offset of node \(index)")
    }
    return offset
  }

  private func read<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int) -> Value {
    Value(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Value.self))
  }

  private func damaged(_ what: String) -> DatabaseError {
    DatabaseError(path: path, "page \(number) is damaged (\(what)); make the database again")
  }
}
