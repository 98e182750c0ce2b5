import CaffeCore
import CaffeData
import CaffeFormat
import Testing

@Suite("Batches from a database")
struct DatabaseSourceTests {
  private static func configuration(
    _ path: String, batch: Int, phase: Phase = .TEST, seed: UInt64 = 0
  ) -> DatabaseConfiguration { DatabaseConfiguration(path: path, batchSize: batch, phase: phase, seed: seed) }

  private static func labels(_ source: DatabaseSource, batches: Int) throws -> [Float] {
    try (0..<batches).flatMap { _ in try source.next().labels.values }
  }

  @Test("records come in order and start over in the middle of a batch", arguments: DatabaseKind.allCases)
  func wrapping(kind: DatabaseKind) throws {
    let directory = try TemporaryDirectory()
    let records = (0..<5).map { Datum.counting($0) }
    let source = try DatabaseSource(Self.configuration(directory.database(records, kind: kind), batch: 3))
    #expect(source.dataShape == [3, 1, 2, 3])
    #expect(source.labelShape == [3])
    #expect(source.recordCount == (kind == .lmdb ? 5 : nil))
    let first = try source.next()
    #expect(first.data.values == (0..<3).flatMap { item in (0..<6).map { Float(item + $0) } })
    #expect(try Self.labels(source, batches: 3) == [3, 4, 0, 1, 2, 3, 4, 0, 1])
    #expect(source.position == 12)
    #expect(source.secondsWaited >= 0)
  }

  @Test(
    "a run that continues gets what an unbroken one would have got", arguments: [0, 3, 40, 4_000_000_003], DatabaseKind.allCases)
  func resuming(start: Int, kind: DatabaseKind) throws {
    let directory = try TemporaryDirectory()
    var configuration = Self.configuration(
      try directory.database((0..<7).map { .counting($0, height: 9, width: 9) }, kind: kind), batch: 4, phase: .TRAIN, seed: 11)
    configuration.randSkip = 5
    configuration.transform = .with { ($0.cropSize, $0.mirror) = (5, true) }
    let unbroken = try DatabaseSource(configuration, startingAt: start)
    for _ in 0..<3 { _ = try unbroken.next() }
    let resumed = try DatabaseSource(configuration, startingAt: unbroken.position)
    for _ in 0..<3 {
      let (left, right) = try (unbroken.next(), resumed.next())
      #expect(left.data == right.data && left.labels == right.labels && left.firstItem == right.firstItem)
    }
    #expect(unbroken.position == start + 24)
  }

  @Test("rand_skip is drawn from the seed")
  func skipping() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.database((0..<100).map { .counting($0) })
    let starts = try Set(
      (0..<20).map { seed in
        var configuration = Self.configuration(path, batch: 1, seed: UInt64(seed))
        configuration.randSkip = 50
        return try Self.labels(DatabaseSource(configuration), batches: 1)[0]
      })
    #expect(starts.count > 8)
    #expect(starts.allSatisfy { $0 < 50 })
  }

  @Test("floats and encoded pictures are read; force_gray decodes to one channel")
  func kinds() throws {
    let directory = try TemporaryDirectory()
    var floats = Datum.counting(2)
    floats.data = []
    floats.floatData = [0.5, -1, 2, 3, 4, 5]
    let plain = try DatabaseSource(Self.configuration(directory.database([floats], name: "floats"), batch: 1))
    #expect(try plain.next().data.values == floats.floatData)
    let image = try Image.pattern(width: 5, height: 4)
    var configuration = Self.configuration(try directory.database([.encoded(image)], name: "png"), batch: 2)
    #expect(try DatabaseSource(configuration).dataShape == [2, 3, 4, 5])
    configuration.transform.forceGray = true
    let gray = try DatabaseSource(configuration)
    #expect(gray.dataShape == [2, 1, 4, 5])
    let expected = try ImageDecoder.decode(ImageEncoder.encode(image, as: .png), source: "png", as: .gray)
    #expect(try Array(gray.next().data.values[..<20]) == expected.pixels.map { Float($0) })
  }

  @Test("a record of another size names its key; batches before it arrive; the error stays")
  func sizes() throws {
    let directory = try TemporaryDirectory()
    let records: [Datum] = [.counting(0), .counting(1), .counting(2), .counting(3, height: 3)]
    let source = try DatabaseSource(Self.configuration(directory.database(records), batch: 2))
    #expect(try source.next().labels.values == [0, 1])
    for _ in 0..<2 {
      let error = #expect(throws: RecordError.self) { try source.next() }
      #expect(error?.key == "10000003")
      #expect(error?.message.contains("1x3x3") == true && error?.message.contains("1x2x3") == true)
    }
    #expect(source.position == 2)
  }

  @Test("records that are no pictures are refused, naming the key")
  func hostile() throws {
    let directory = try TemporaryDirectory()
    var short = Datum.counting(0)
    short.height = 1_000_000_000
    var negative = Datum.counting(0)
    negative.width = -1
    var forced = Self.configuration(try directory.database([.counting(0)], name: "plain"), batch: 1)
    forced.transform.forceColor = true
    #expect(throws: RecordError.self) { try DatabaseSource(forced) }
    var garbage = Datum()
    garbage.encoded = true
    garbage.data = [1, 2, 3]
    for (index, record) in [short, negative, garbage, Datum()].enumerated() {
      let path = try directory.database([record], name: "bad\(index)")
      let error = #expect(throws: RecordError.self) { try DatabaseSource(Self.configuration(path, batch: 1)) }
      #expect(error?.key == "10000000")
    }
  }

  @Test("bytes at random never crash the reader")
  func fuzz() throws {
    let directory = try TemporaryDirectory()
    var random = SplitMix(state: 5)
    let writer = try DatabaseWriter(path: directory.file("fuzz"))
    let sound = Datum.counting(1, channels: 3, height: 8, width: 8).bytes
    for index in 0..<2000 {
      var bytes = sound
      for _ in 0..<4 { bytes[Int.random(in: 0..<12, using: &random)] = .random(in: 0...255, using: &random) }
      let length = Int.random(in: 0...bytes.count, using: &random)
      try writer.put(key: Array(String(10_000 + index).utf8), value: Array(bytes[..<length]))
    }
    try writer.commit()
    for start in 0..<2000 {
      let source = try? DatabaseSource(Self.configuration(directory.file("fuzz"), batch: 1), startingAt: start)
      _ = try? source?.next()
    }
  }

  @Test("numbers that make no sense are refused")
  func settings() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.database([.counting(0)])
    var configuration = Self.configuration(path, batch: 0)
    #expect(throws: DataSettingsError.self) { try DatabaseSource(configuration) }
    configuration.batchSize = Int(Int32.max)
    #expect(throws: DataSettingsError.self) { try DatabaseSource(configuration) }
    configuration.batchSize = 1
    #expect(throws: DataSettingsError.self) { try DatabaseSource(configuration, startingAt: -1) }
    configuration.prefetch = Int(UInt32.max)
    #expect(throws: DataSettingsError.self) { try DatabaseSource(configuration) }
    #expect(throws: DatabaseError.self) { try DatabaseSource(Self.configuration(directory.file("none"), batch: 1)) }
  }

  @Test("a source that is dropped while it works ends")
  func shutdown() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.database((0..<50).map { .counting($0, height: 50, width: 50) })
    for _ in 0..<50 { _ = try DatabaseSource(Self.configuration(path, batch: 20)).next() }
  }
}
