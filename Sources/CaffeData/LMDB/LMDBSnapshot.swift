import CaffeCore
import CaffeFormat

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// A database open for reading: the state of its last commit at the time of opening.
///
/// liblmdb follows offsets inside pages without checking them, so a damaged or hostile file ends the process. This
/// reader maps the same file and checks each step. It needs no lock file and so no writable directory.
package final class LMDBSnapshot: RecordDatabase {
  /// The database's directory.
  package let path: String
  private let map: MappedFile
  let meta: LMDBMeta

  /// The whole file; sound as long as this object, which keeps the mapping, lives.
  private var bytes: UnsafeRawBufferPointer { map.withBytes(in: 0..<map.count) { $0 } }

  /// - Parameter path: a directory with `data.mdb`, or that file itself.
  /// - Throws: `DatabaseError` when it is missing, not a database, or cut short.
  package init(path: String) throws(DatabaseError) {
    self.path = path
    do throws(FileError) {
      map = try MappedFile(path: FilePlace.isDirectory(path) ? path + "/data.mdb" : path)
    } catch {
      throw DatabaseError(path: path, "cannot open the database: \(error)")
    }
    meta = try LMDBMeta.newest(in: map.withBytes(in: 0..<map.count) { $0 }, path: path)
  }

  /// The number of entries.
  package var count: Int { meta.entries }

  package var knownCount: Int? { count }

  package func makeWalk() -> any RecordWalk { LMDBWalk(self) }

  /// A page by its number.
  func page(_ number: Int) throws(DatabaseError) -> LMDBPage {
    guard number >= 2, number <= meta.lastPage else {
      throw DatabaseError(path: path, "page \(number) does not exist; the database is damaged")
    }
    let start = number * meta.pageSize
    let content = UnsafeRawBufferPointer(rebasing: bytes[start..<start + meta.pageSize])
    return LMDBPage(number: number, bytes: content, path: path)
  }

  /// The value of a leaf's node, wherever it lies.
  func value(of leaf: LMDBPage.Leaf) throws(DatabaseError) -> UnsafeRawBufferPointer {
    guard let first = leaf.overflow else { return leaf.inline }
    let head = try page(first)
    let start = first * meta.pageSize + LMDBPage.headerSize
    guard head.isOverflow, head.overflowPages <= meta.lastPage + 1 - first,
      leaf.size <= head.overflowPages * meta.pageSize - LMDBPage.headerSize
    else {
      throw DatabaseError(path: path, "page \(first) holds less than the \(leaf.size) bytes claimed; the database is damaged")
    }
    return UnsafeRawBufferPointer(rebasing: bytes[start..<start + leaf.size])
  }
}
