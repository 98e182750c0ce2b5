import CaffeCore
import CaffeData
import Testing

@Suite("LMDB databases")
struct LMDBTests {
  /// 2500 small entries and one of a megabyte, in the order of their keys.
  private static func entries() -> [(key: [UInt8], value: [UInt8])] {
    (0..<2501).map { index in
      let digits = String(100_000_000 + index).dropFirst()
      let size = index == 1234 ? 1 << 20 : index % 300
      return (Array(digits.utf8), [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: size))
    }
  }

  private static func write(_ entries: [(key: [UInt8], value: [UInt8])], to path: String) throws {
    let writer = try DatabaseWriter(path: path)
    for entry in entries { try writer.put(key: entry.key, value: entry.value) }
    try writer.commit()
  }

  @Test("what is written is read, in order, round and round")
  func roundTrip() throws {
    let directory = try TemporaryDirectory()
    let entries = Self.entries()
    try Self.write(entries, to: directory.file("db"))
    let snapshot = try LMDBSnapshot(path: directory.file("db"))
    #expect(snapshot.count == entries.count)
    var cursor = snapshot.makeCursor()
    for _ in 0..<2 {
      for entry in entries {
        let read = try cursor.next()
        #expect(read.key == entry.key && read.value == entry.value)
      }
    }
    try cursor.skip(entries.count + 3)
    #expect(try cursor.next().key == entries[3].key)
  }

  @Test("a map that is full grows: 100 MB through a map of 64 MiB at first")
  func growth() throws {
    let directory = try TemporaryDirectory()
    let writer = try DatabaseWriter(path: directory.file("db"))
    let value = [UInt8](repeating: 1, count: 1 << 20)
    for index in 0..<100 { try writer.put(key: [UInt8(index)], value: value) }
    try writer.commit()
    #expect(try LMDBSnapshot(path: directory.file("db")).count == 100)
  }

  @Test("an existing destination is refused, and an abandoned database leaves nothing")
  func destination() throws {
    let directory = try TemporaryDirectory()
    do {
      let writer = try DatabaseWriter(path: directory.file("db"))
      try writer.put(key: [1], value: [2])
    }
    try Self.write([([1], [2])], to: directory.file("db"))
    let error = #expect(throws: DatabaseError.self) { try DatabaseWriter(path: directory.file("db")) }
    #expect(error?.message.contains("exists") == true)
  }

  @Test("an empty key and an empty database are clear errors")
  func empty() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: DatabaseError.self) { try Self.write([([], [1])], to: directory.file("bad")) }
    try Self.write([], to: directory.file("empty"))
    var cursor = try LMDBSnapshot(path: directory.file("empty")).makeCursor()
    #expect(throws: DatabaseError.self) { try cursor.next() }
  }

  @Test("a missing, cut or damaged database never crashes")
  func hostile() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: DatabaseError.self) { try LMDBSnapshot(path: directory.file("nothing")) }
    try Self.write(Array(Self.entries()[..<400]), to: directory.file("db"))
    let bytes = try FileBytes.read(directory.file("db/data.mdb"), limit: 1 << 26)
    for length in [0, 10, 4096, 8192, bytes.count - 4096] {
      let path = try directory.write(Array(bytes[..<length]), to: "cut")
      #expect(throws: DatabaseError.self) { try LMDBSnapshot(path: path) }
    }
    var random = SplitMix(state: 3)
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<20 { damaged[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random) }
      let path = try directory.write(damaged, to: "damaged")
      guard var cursor = try? LMDBSnapshot(path: path).makeCursor() else { continue }
      for _ in 0..<1000 where (try? cursor.next()) == nil { break }
    }
  }

  @Test("Caffe's own databases are read", .enabled(if: SharedData.isPresent))
  func caffe() throws {
    let snapshot = try LMDBSnapshot(path: SharedData.conformance + "/cifar_lmdb")
    var cursor = snapshot.makeCursor()
    let first = try cursor.next()
    #expect(snapshot.count == 50)
    #expect(String(decoding: first.key, as: UTF8.self).hasPrefix("00000000"))
    #expect(first.value.count >= 3072)
    let mixed = try LMDBSnapshot(path: SharedData.conformance + "/mixed_lmdb")
    var mixedCursor = mixed.makeCursor()
    for _ in 0..<mixed.count { _ = try mixedCursor.next() }
  }

  @Test("all of CIFAR-10 is walked, keys rising", .enabled(if: SharedData.isPresent))
  func large() throws {
    let snapshot = try LMDBSnapshot(path: SharedData.root + "/data/cifar10/train_lmdb")
    var cursor = snapshot.makeCursor()
    var last = ""
    var isRising = true
    for _ in 0..<snapshot.count {
      let key = try cursor.next { key, _ in String(decoding: key, as: UTF8.self) }
      isRising = isRising && last < key
      last = key
    }
    #expect(snapshot.count == 50000)
    #expect(isRising)
  }
}
