/// What one of the two meta pages at the start of a database file says about the last committed state.
struct LMDBMeta {
  /// Where the fields lie, in bytes from the start of the page.
  private enum Offset {
    static let magic = 16, version = 20, pageSize = 40
    static let flags = 92, depth = 94, entries = 120, root = 128
    static let lastPage = 136, transaction = 144, end = 152
  }
  private static let magic: UInt32 = 0xBEEF_C0DE
  /// The root's number when there are no entries.
  private static let noPage = UInt64.max

  let pageSize: Int
  /// Levels of the tree, 0 when it is empty.
  let depth: Int
  let entries: Int
  /// The number of the root's page; nil when there are no entries.
  let root: Int?
  let lastPage: Int
  let transaction: UInt64

  /// The newer sound one of the file's two states.
  ///
  /// - Throws: `DatabaseError` when neither is sound, the format is another one, or the file is shorter than it claims.
  static func newest(in file: UnsafeRawBufferPointer, path: String) throws(DatabaseError) -> LMDBMeta {
    guard file.count >= Offset.end, file.loadUnaligned(fromByteOffset: Offset.magic, as: UInt32.self).littleEndian == magic
    else { throw DatabaseError(path: path, "data.mdb is not an LMDB database (or one of a big-endian machine)") }
    let version = file.loadUnaligned(fromByteOffset: Offset.version, as: UInt32.self).littleEndian
    guard version == 1 else { throw DatabaseError(path: path, "its LMDB format is version \(version); only version 1 is read") }
    let first = LMDBMeta(file, at: 0)
    let second = LMDBMeta(file, at: first.pageSize)
    let newest = second.transaction > first.transaction && second.pageSize == first.pageSize ? second : first
    try newest.check(fileSize: file.count, path: path)
    return newest
  }

  /// Reads the fields at `start`; a page outside of the file counts as older than all others.
  private init(_ file: UnsafeRawBufferPointer, at start: Int) {
    func read(_ offset: Int) -> UInt64 {
      guard start >= 0, start <= file.count - Offset.end else { return 0 }
      return file.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self).littleEndian
    }
    let root = read(Offset.root)
    pageSize = Int(read(Offset.pageSize) & 0xFFFF_FFFF)
    depth = Int(read(Offset.flags) >> 16 & 0xFFFF)
    entries = Int(clamping: read(Offset.entries))
    self.root = root == LMDBMeta.noPage ? nil : Int(clamping: root)
    lastPage = Int(clamping: read(Offset.lastPage))
    transaction = read(Offset.magic) & 0xFFFF_FFFF == UInt64(LMDBMeta.magic) ? read(Offset.transaction) : 0
  }

  private func check(fileSize: Int, path: String) throws(DatabaseError) {
    guard pageSize >= 512, pageSize <= 1 << 16, pageSize & (pageSize - 1) == 0 else {
      throw DatabaseError(path: path, "data.mdb claims pages of \(pageSize) bytes; it is damaged")
    }
    guard lastPage < fileSize / pageSize else {
      throw DatabaseError(path: path, "data.mdb is cut short: \(lastPage) pages are claimed, \(fileSize / pageSize) are there")
    }
    guard depth <= LMDBWalk.maximumDepth, (root == nil) == (entries == 0) else {
      throw DatabaseError(path: path, "data.mdb has an impossible tree; it is damaged")
    }
  }
}
