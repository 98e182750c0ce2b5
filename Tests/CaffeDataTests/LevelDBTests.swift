import CaffeCore
import CaffeData
import Foundation
import Testing

@Suite("LevelDB databases")
struct LevelDBTests {
  private static func value(_ number: Int, round: Int) -> [UInt8] {
    let size = number % 97 == 5 ? 90_000 : number % 300
    return (0..<size).map { UInt8(truncatingIfNeeded: round &+ number &+ $0 / 7) }
  }

  private static func entries(_ path: String) throws -> [String: [UInt8]] {
    var walk = try DatabaseKind.open(path).makeWalk()
    var (found, last) = ([String: [UInt8]](), "")
    while let record = try walk.next() {
      let key = String(decoding: record.key, as: UTF8.self)
      #expect(last < key)
      last = key
      found[key] = record.value
    }
    return found
  }

  @Test("what libleveldb wrote is read: packed or not, in tables and logs, replaced and removed", arguments: [true, false])
  func library(compresses: Bool) throws {
    let directory = try TemporaryDirectory()
    var expected: [String: [UInt8]] = [:]
    for round in 0..<4 {  // opening again leaves tables of its own behind
      let library = try LibraryDatabase(directory.file("db"), compresses: compresses)
      for number in stride(from: 0, to: 3000, by: 1 + round) {
        let key = "key\(10_000 + number * 7919 % 3001)"
        if number % 5 == round {
          library.remove(key)
          expected[key] = nil
        } else {
          library.put(key, Self.value(number, round: round))
          expected[key] = Self.value(number, round: round)
        }
      }
    }
    let found = try Self.entries(directory.file("db"))
    #expect(found == expected)
    #expect(try DatabaseKind.open(directory.file("db")).countRecords() == expected.count)
  }

  @Test("what is written is read by libleveldb and here, round and round", arguments: DatabaseKind.allCases)
  func writing(kind: DatabaseKind) throws {
    let directory = try TemporaryDirectory()
    let writer = try DatabaseWriter(path: directory.file("db"), kind: kind)
    for number in 0..<2501 { try writer.put(key: Array("\(10_000 + number)".utf8), value: Self.value(number, round: 0)) }
    try writer.commit()
    let database = try DatabaseKind.open(directory.file("db"))
    var cursor = database.makeCursor()
    for _ in 0..<2 {
      for number in 0..<2501 {
        let record = try cursor.next()
        #expect(record.key == Array("\(10_000 + number)".utf8) && record.value == Self.value(number, round: 0))
      }
    }
    try cursor.skip(2501 * 1_000_000_000 + 3)
    #expect(try cursor.next().key == Array("10003".utf8))
    guard kind == .leveldb else { return }
    _ = try LibraryDatabase(directory.file("db"))
    #expect(try Self.entries(directory.file("db")).count == 2501)
  }

  @Test("a writer that is dropped, or meets something, leaves nothing behind", arguments: DatabaseKind.allCases)
  func abandoned(kind: DatabaseKind) throws {
    let directory = try TemporaryDirectory()
    do {
      let writer = try DatabaseWriter(path: directory.file("db"), kind: kind)
      for number in 0..<1500 { try writer.put(key: Array("\(10_000 + number)".utf8), value: [1, 2, 3]) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).isEmpty)
    let writer = try DatabaseWriter(path: directory.file("db"), kind: kind)
    #expect(throws: DatabaseError.self) {
      try writer.put(key: [], value: [1])
      try writer.commit()
    }
  }

  @Test("reading changes nothing and needs no right to write", .enabled(if: SharedData.isPresent))
  func untouched() throws {
    let directory = try TemporaryDirectory()
    try FileManager.default.copyItem(atPath: SharedData.conformance + "/cifar_leveldb", toPath: directory.file("db"))
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("db")).sorted()
    let before = try names.map { try FileBytes.read(directory.file("db/\($0)"), limit: 1 << 30) }
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: directory.file("db"))
    #expect(try Self.entries(directory.file("db")).count == 50)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("db")).sorted() == names)
    #expect(try names.map { try FileBytes.read(directory.file("db/\($0)"), limit: 1 << 30) } == before)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.file("db"))
  }

  @Test("files that are missing, cut or changed end in an error that names them, never in a crash")
  func damage() throws {
    let directory = try TemporaryDirectory()
    do {
      let library = try LibraryDatabase(directory.file("db"))
      for number in 0..<2000 { library.put("key\(10_000 + number)", Self.value(number, round: 1)) }
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: directory.file("db"))
      .filter { !$0.hasPrefix("LO") }.sorted()
    #expect(names.contains { $0.hasSuffix(".ldb") } && names.contains { $0.hasSuffix(".log") })
    let bytes = try names.map { try FileBytes.read(directory.file("db/\($0)"), limit: 1 << 30) }
    var random = SplitMix(state: 9)
    var errors = 0
    for round in 0..<400 {
      let place = round % names.count
      var damaged = bytes[place]
      guard !damaged.isEmpty else { continue }
      if round % 3 == 0 {
        damaged.removeLast(Int.random(in: 1...damaged.count, using: &random))
      } else {
        for _ in 0..<3 { damaged[Int.random(in: 0..<damaged.count, using: &random)] ^= .random(in: 1...255, using: &random) }
      }
      _ = try directory.write(damaged, to: "db/\(names[place])")
      do {
        _ = try Self.entries(directory.file("db"))
      } catch {
        #expect((error as? DatabaseError)?.path.hasPrefix(directory.file("db")) == true, "\(error)")
        errors += 1
      }
      _ = try directory.write(bytes[place], to: "db/\(names[place])")
    }
    #expect(errors > 200)
  }

  @Test("what is no database is told apart")
  func messages() throws {
    let directory = try TemporaryDirectory()
    func message(_ path: String) -> String? {
      do { _ = try DatabaseKind.open(path) } catch { return "\(error)" }
      return nil
    }
    let none = directory.file("none")
    #expect(message(none) == "\(none): cannot open the database: the directory does not exist")
    #expect(
      message(directory.path)
        == "\(directory.path): cannot open the database: the directory holds neither data.mdb (LMDB) nor CURRENT (LevelDB)")
    _ = try directory.write(Array("MANIFEST-000009\n".utf8), to: "CURRENT")
    #expect(message(directory.path) == "\(directory.path)/MANIFEST-000009: cannot open the file: No such file or directory")
    _ = try directory.write(Array("../etc".utf8), to: "CURRENT")
    #expect(message(directory.path) == "\(directory.path)/CURRENT: it does not name a manifest; it is damaged")
  }

  @Test("what lies on the disk decides, and a note says when the net names another kind")
  func kinds() throws {
    let directory = try TemporaryDirectory()
    let notes = Notes()
    for kind in DatabaseKind.allCases {
      var configuration = DatabaseConfiguration(
        path: try directory.database([.counting(1)], name: kind.rawValue, kind: kind), batchSize: 1, phase: .TEST)
      configuration.badData = BadDataPolicy(.stop, note: notes.add)
      for stated in [nil, kind, DatabaseKind.leveldb] {
        configuration.kind = stated
        #expect(try DatabaseSource(configuration).next().labels.values == [1])
      }
    }
    let path = directory.file("lmdb")
    #expect(
      notes.lines == ["\(path) is a database of the kind LMDB, not LEVELDB as the net says; it is read all the same."])
  }
}
