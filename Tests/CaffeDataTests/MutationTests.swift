import CaffeCore
import CaffeFormat
import Foundation
import Testing

@testable import CaffeData

/// Data that was changed at random: a clear error or a batch, and never a crash.
@Suite("Mutated records, pictures, tables and lists")
struct MutationTests {
  private static let random = 77 as UInt64

  /// A few bytes changed, removed or put in.
  private static func mutated(_ bytes: [UInt8], _ random: inout SplitMix, first: Int = .max, most: Int = 4) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...most, using: &random) where !bytes.isEmpty {
      let place = Int.random(in: 0..<min(bytes.count, first), using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0: bytes.remove(at: place)
      case 1: bytes.insert(.random(in: 0...255, using: &random), at: place)
      case 2: bytes.removeSubrange(max(place, bytes.count - Int.random(in: 1...200, using: &random))...)
      default: bytes[place] ^= .random(in: 1...255, using: &random)
      }
    }
    return bytes
  }

  /// Whether an error is one that says where the fault is.
  private static func isClear(_ error: any Error, in folder: TemporaryDirectory) -> Bool {
    switch error {
    case is RecordError, is DatabaseError, is DataFileError, is FileError: "\(error)".contains(folder.path)
    case is NoGoodDataError: true
    default: false
    }
  }

  private static func samples() throws -> [[UInt8]] {
    let small = try Image.gradient(width: 12, height: 10)
    return [
      try ImageEncoder.encode(small, as: .jpeg), try ImageEncoder.encode(small, as: .png),
      try ImageEncoder.encode(small.gray(), as: .jpeg),
    ]
  }

  @Test("500 records: those that are broken are named, and the rest comes through", arguments: DatabaseKind.allCases)
  func records(kind: DatabaseKind) throws {
    let directory = try TemporaryDirectory()
    var random = SplitMix(state: Self.random)
    let samples = try Self.samples()
    let writer = try DatabaseWriter(path: directory.file("db"), kind: kind)
    for number in 0..<250 {
      var datum = Datum.counting(number % 200, channels: 3, height: 10, width: 12)
      if number % 4 != 0 { (datum.data, datum.encoded) = (samples[number % 3], true) }
      let value = number == 0 ? datum.bytes : Self.mutated(datum.bytes, &random)
      try writer.put(key: Array("\(10_000 + number)".utf8), value: value)
    }
    try writer.commit()
    var configuration = DatabaseConfiguration(path: directory.file("db"), batchSize: 3, phase: .TEST)
    let notes = Notes()
    configuration.badData = BadDataPolicy(.skip, note: notes.add)
    let source = try DatabaseSource(configuration)
    while source.position < 500 { _ = try source.next() }
    #expect(notes.lines.count > 50 && notes.lines.count == Set(notes.lines).count)
    #expect(notes.lines.allSatisfy { $0.hasPrefix("Skipped \(directory.file("db")), record 10") })
    configuration.badData = BadDataPolicy()
    let strict = try DatabaseSource(configuration)
    let error = #expect(throws: RecordError.self) { while true { _ = try strict.next() } }
    #expect(error.map { "Skipped \($0)" } == notes.lines.first)
  }

  @Test("300 pictures: those that are broken are named with their lines, on any number of threads the same")
  func pictures() throws {
    let directory = try TemporaryDirectory()
    var random = SplitMix(state: Self.random + 1)
    let samples = try Self.samples()
    var list = ""
    for number in 0..<300 {
      let bytes = number == 0 ? samples[0] : Self.mutated(samples[number % 3], &random, first: 300)
      list += try directory.write(bytes, to: "\(number).img") + " \(number)\n"
    }
    _ = try directory.write(Array(list.utf8), to: "list.txt")
    func labels(batch: Int) throws -> (labels: [Float], notes: [String]) {
      let notes = Notes()
      var configuration = ImageListConfiguration(source: directory.file("list.txt"), batchSize: batch, phase: .TEST)
      configuration.size = (10, 12)
      configuration.badData = BadDataPolicy(.skip, note: notes.add)
      let source = try ImageListSource(configuration)
      let labels = try (0..<120 / batch).flatMap { _ in try source.next().labels.values }
      return (labels, notes.lines)
    }
    let (one, many) = try (labels(batch: 1), labels(batch: 40))
    #expect(one.labels == many.labels && one.labels.count == 120)
    #expect(many.notes.count > 20 && many.notes.allSatisfy { $0.hasPrefix("Skipped \(directory.file("list.txt")):") })
  }

  @Test("200 lists")
  func lists() throws {
    let directory = try TemporaryDirectory()
    var random = SplitMix(state: Self.random + 2)
    _ = try directory.write(Self.samples()[1], to: "p.png")
    let list = Array((0..<9).map { "p.png \($0)\n" }.joined().utf8)
    var (errors, batches) = (0, 0)
    for _ in 0..<200 {
      _ = try directory.write(Self.mutated(list, &random, most: 1), to: "list.txt")
      do {
        let source = try ImageListSource(ImageListConfiguration(source: directory.file("list.txt"), batchSize: 3, phase: .TEST))
        for _ in 0..<3 { _ = try source.next() }
        batches += 1
      } catch {
        #expect(Self.isClear(error, in: directory), "\(error)")
        errors += 1
      }
    }
    #expect(errors > 20 && batches > 5)
  }

  /// The places of a table's blocks, the block of places first.
  private static func blocks(of table: [UInt8]) -> [Range<Int>] {
    table.withUnsafeBytes { bytes in
      var footer = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes.suffix(48)))
      guard footer.size() != nil, footer.size() != nil, let start = footer.size(), let size = footer.size() else { return [] }
      var index = ByteCursor(UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]))
      var blocks = [start..<start + size]
      while index.size() != nil, let own = index.size(), let length = index.size(), index.take(own) != nil,
        let place = index.take(length)
      {
        var cursor = ByteCursor(place)
        guard let start = cursor.size(), let size = cursor.size(), start + size + 5 <= bytes.count else { break }
        blocks.append(start..<start + size)
      }
      return blocks
    }
  }

  @Test("300 tables whose checksums are right")
  func sealedTables() throws {
    let directory = try TemporaryDirectory()
    // Two rounds of opening: what was written first is in a table then.
    try LibraryDatabase(directory.file("db"), compresses: false).fill(0..<200)
    try LibraryDatabase(directory.file("db"), compresses: false).fill(200..<201)
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: directory.file("db")).first { $0.hasSuffix(".ldb") })
    let table = try FileBytes.read(directory.file("db/\(name)"), limit: 1 << 30)
    let blocks = Self.blocks(of: table)
    #expect(blocks.count > 2)
    var random = SplitMix(state: Self.random + 3)
    var errors = 0
    for round in 0..<300 {
      var changed = table
      let block = blocks[round % 2 == 0 ? 0 : Int.random(in: 0..<blocks.count, using: &random)]
      for _ in 0..<3 { changed[.random(in: block, using: &random)] = .random(in: 0...255, using: &random) }
      if round % 5 == 0 { changed[block.upperBound] ^= 1 }  // packed or not
      let sum = changed.withUnsafeBytes {
        CRC32C.masked(UnsafeRawBufferPointer(rebasing: $0[block.lowerBound...block.upperBound]))
      }
      for byte in 0..<4 { changed[block.upperBound + 1 + byte] = UInt8(truncatingIfNeeded: sum >> (8 * UInt32(byte))) }
      _ = try directory.write(changed, to: "db/\(name)")
      do {
        _ = try DatabaseKind.open(directory.file("db")).countRecords()
      } catch {
        #expect(Self.isClear(error, in: directory), "\(error)")
        errors += 1
      }
    }
    #expect(errors > 100)
  }
}
