import CaffeCore
import CaffeFormat

/// A table of a LevelDB database: blocks of entries, and a block that says where they lie.
final class LevelDBTable: Sendable {
  private static let footerSize = 48
  private static let magic: UInt64 = 0xDB47_7524_8B80_FB57

  private let file: MappedFile
  /// Where the block of places lies; its entries' values are the places.
  private let index: Range<Int>

  var path: String { file.path }

  /// - Throws: `DatabaseError` when it is missing or damaged.
  init(path: String) throws(DatabaseError) {
    file = try LevelDBSnapshot.map(path)
    let size = file.count - LevelDBTable.footerSize
    guard size >= 0 else { throw DatabaseError(path: path, "it is cut short: \(file.count) bytes are no table") }
    let footer = file.withBytes(in: size..<file.count) { $0 }
    var magic = ByteCursor(UnsafeRawBufferPointer(rebasing: footer.suffix(8)))
    guard magic.fixed() == LevelDBTable.magic else { throw DatabaseError(path: path, "it is no table of LevelDB, or cut short") }
    var places = ByteCursor(footer)
    guard LevelDBTable.place(&places, within: size) != nil, let index = LevelDBTable.place(&places, within: size) else {
      throw DatabaseError(path: path, "it is damaged (its last bytes); make the database again")
    }
    self.index = index
  }

  /// The place of a block that lies in the file with its trailer.
  private static func place(_ cursor: inout ByteCursor, within size: Int) -> Range<Int>? {
    guard let start = cursor.size(), let count = cursor.size(), start <= size, count <= size - start - LevelDBBlock.trailer else {
      return nil
    }
    return start..<start + count
  }

  /// Valid as long as this object.
  func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { file.withBytes(in: range) { $0 } }

  func damaged(_ what: String) -> DatabaseError {
    DatabaseError(path: path, "it is damaged (\(what)); make the database again")
  }

  /// The entries of the whole table.
  struct Run: LevelDBRun {
    private let table: LevelDBTable
    private let index: LevelDBBlock
    private var (indexPlace, indexKey) = (0, [UInt8]())
    private var block: LevelDBBlock?
    private var (place, key) = (0, [UInt8]())
    /// Blocks lie one behind the other, so that none is read twice.
    private var end = 0

    init(_ table: LevelDBTable) throws(DatabaseError) {
      self.table = table
      index = try LevelDBBlock(of: table, at: table.index)
    }

    mutating func next() throws(DatabaseError) -> LevelDBEntry? {
      while true {
        if let block, let value = try block.next(&place, &key) { return LevelDBEntry(key: key, value: value, owner: block) }
        guard let next = try index.next(&indexPlace, &indexKey) else { return nil }
        var cursor = ByteCursor(next)
        guard let range = LevelDBTable.place(&cursor, within: table.file.count - LevelDBTable.footerSize), range.lowerBound >= end
        else {
          throw table.damaged("the place of a block")
        }
        block = try LevelDBBlock(of: table, at: range)
        end = range.upperBound + LevelDBBlock.trailer
        (place, key) = (0, [])
      }
    }
  }
}
