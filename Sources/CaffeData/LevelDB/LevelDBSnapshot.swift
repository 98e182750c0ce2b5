import CaffeCore
import CaffeFormat

/// A LevelDB database open for reading: its state at the time of opening.
///
/// libleveldb cannot open a database without changing it: it wants its lock, starts a log and a manifest of its own, and may
/// rewrite tables while they are read, in a folder that must be writable; and a table whose last bytes are damaged ends the
/// process. This reader maps the same files, checks each step and every checksum, and writes nothing.
final class LevelDBSnapshot: RecordDatabase {
  let path: String
  /// The tables of level 0, each a run of its own.
  private let overlapping: [String]
  /// The tables of each level above, in the order of their keys.
  private let levels: [[String]]
  private let memory: LevelDBMemory

  /// LevelDB keeps no number of its entries.
  var knownCount: Int? { nil }

  /// - Parameter path: a directory with `CURRENT`.
  /// - Throws: `DatabaseError` when it is no database or damaged.
  init(path: String) throws(DatabaseError) {
    self.path = path
    let manifest = try LevelDBManifest(folder: path)
    guard let names = FlatFolder.names(in: path) else { throw DatabaseError(path: path, "cannot list the directory") }
    let files = Set(names)
    let tables = try manifest.tables.map { (level) throws(DatabaseError) in
      try level.values.sorted { LevelDBKey.precedes($0.smallest, $1.smallest) }.map { (table) throws(DatabaseError) in
        try LevelDBSnapshot.table(table.number, in: path, files)
      }
    }
    overlapping = tables[0]
    levels = tables.dropFirst().filter { !$0.isEmpty }
    let logs = names.compactMap { name in name.hasSuffix(".log") ? UInt64(name.dropLast(4)) : nil }.sorted()
    let live = logs.filter { $0 >= manifest.firstLog || $0 == manifest.previousLog }
    memory = try LevelDBMemory(logs: live.map { "\(path)/\(LevelDBSnapshot.padded($0)).log" })
  }

  func makeWalk() -> any RecordWalk {
    LevelDBWalk(
      [.memory(LevelDBMemory.Run(memory))] + overlapping.map { .tables(LevelDBTableChain([$0])) }
        + levels.map { .tables(LevelDBTableChain($0)) })
  }

  private static func table(_ number: UInt64, in folder: String, _ files: Set<String>) throws(DatabaseError) -> String {
    // Databases of LevelDB before 1.14 have tables that end in .sst.
    let names = ["ldb", "sst"].map { "\(padded(number)).\($0)" }
    guard let name = names.first(where: files.contains) else {
      throw DatabaseError(path: folder, "the table \(names[0]) is missing; copy the whole directory again")
    }
    return "\(folder)/\(name)"
  }

  /// A file's number as its name has it.
  private static func padded(_ number: UInt64) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, 6 - text.count)) + text
  }

  /// A file of a database, mapped.
  static func map(_ path: String) throws(DatabaseError) -> MappedFile {
    try reading(path) { () throws(FileError) in try MappedFile(path: path) }
  }

  /// The one place where a file of a database that cannot be read becomes an error.
  static func reading<R>(_ path: String, _ body: () throws(FileError) -> R) throws(DatabaseError) -> R {
    do throws(FileError) {
      return try body()
    } catch {
      throw DatabaseError(path: path, error.reason)
    }
  }
}
