import CaffeCore
import CaffeFormat

/// The records of one of LevelDB's logs: the manifest, and the entries that are in no table yet.
///
/// A log is cut into blocks of 32 KiB. A record lies in one of them, or in several as its first, middle and last part.
struct LevelDBLog {
  private static let blockSize = 32 << 10
  private static let headerSize = 7

  /// What the header of a part says of its place in the record.
  private enum Part: UInt8 {
    /// Room that a file system set aside.
    case padding = 0
    case whole = 1
    case first = 2
    case middle = 3
    case last = 4
  }

  private let file: MappedFile
  private var position = 0

  init(_ file: MappedFile) { self.file = file }

  /// The next record; nil at the end. A record that the end of the file cuts off was being written when the writer
  /// died, and does not count.
  ///
  /// - Throws: `DatabaseError` when the file is damaged.
  mutating func next() throws(DatabaseError) -> [UInt8]? {
    var record: [UInt8]?
    while let (part, content) = try nextPart() {
      switch (part, record) {
      case (.whole, nil): return Array(content)
      case (.first, nil): record = Array(content)
      case (.middle, .some): record?.append(contentsOf: content)
      case (.last, .some(let beginning)): return beginning + content
      default: throw damaged("a record has no beginning or no end")
      }
    }
    return nil
  }

  private mutating func nextPart() throws(DatabaseError) -> (Part, UnsafeRawBufferPointer)? {
    while true {
      let room = LevelDBLog.blockSize - position % LevelDBLog.blockSize
      guard room >= LevelDBLog.headerSize else {
        position += room
        continue
      }
      guard position + LevelDBLog.headerSize <= file.count else { return nil }
      var header = ByteCursor(bytes(position..<position + LevelDBLog.headerSize))
      guard let sum: UInt32 = header.fixed(), let size: UInt16 = header.fixed(), let code: UInt8 = header.fixed() else {
        return nil
      }
      guard let part = Part(rawValue: code), Int(size) + LevelDBLog.headerSize <= room else { throw damaged("a header") }
      guard part != .padding else {
        position += room
        continue
      }
      let start = position + LevelDBLog.headerSize
      guard start + Int(size) <= file.count else { return nil }
      guard CRC32C.masked(bytes(start - 1..<start + Int(size))) == sum else { throw damaged("a checksum") }
      position = start + Int(size)
      return (part, bytes(start..<position))
    }
  }

  /// Valid as long as `file`.
  private func bytes(_ range: Range<Int>) -> UnsafeRawBufferPointer { file.withBytes(in: range) { $0 } }

  private func damaged(_ what: String) -> DatabaseError {
    DatabaseError(path: file.path, "it is damaged (\(what), near byte \(position)); make the database again")
  }
}
