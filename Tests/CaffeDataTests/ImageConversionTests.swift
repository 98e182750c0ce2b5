import CaffeCore
import CaffeData
import CaffeFormat
import Foundation
import Testing

@Suite("Databases of image files")
struct ImageConversionTests {
  private typealias Options = DatabaseConversion.ImageOptions

  /// A folder with a colour JPEG, a gray JPEG, a PNG of another size, a text, and a list of them.
  private struct Photos {
    let directory: TemporaryDirectory
    let color: [UInt8]
    let gray: [UInt8]
    let png: [UInt8]

    init() throws {
      directory = try TemporaryDirectory()
      color = try ImageEncoder.encode(.gradient(width: 12, height: 8), as: .jpeg)
      gray = try ImageEncoder.encode(.gradient(width: 12, height: 8).gray(), as: .jpeg)
      png = try ImageEncoder.encode(.pattern(width: 6, height: 4), as: .png)
      _ = try directory.write(color, to: "a cat.jpg")
      _ = try directory.write(gray, to: "gray.jpeg")
      _ = try directory.write(png, to: "small.png")
      _ = try directory.write(Array("hello".utf8), to: "text.jpg")
    }

    func convert(
      _ lines: String, to name: String = "db", _ change: (inout Options) -> Void = { _ in }
    ) throws -> (records: [(key: String, datum: Datum)], outcome: DatabaseConversion.ImageOutcome) {
      let list = try directory.write(Array(lines.utf8), to: "\(name).txt")
      var options = Options()
      change(&options)
      let outcome = try DatabaseConversion.images(
        root: directory.path, list: list, into: directory.file(name), options: options)
      return (try records(of: directory.file(name)), outcome)
    }
  }

  @Test("keys are the place in the list and the name; the label stands behind the last space")
  func keys() throws {
    let photos = try Photos()
    let (records, outcome) = try photos.convert("small.png 3\r\n\ntext.jpg 5\na cat.jpg -1\n")
    #expect(records.map(\.key) == ["00000000_small.png", "00000002_a cat.jpg"])
    #expect(records.map(\.datum.label) == [3, -1])
    #expect(outcome.written == 2 && outcome.skipped.count == 1)
    #expect(outcome.skipped.first?.file == photos.directory.file("text.jpg"))
    #expect(
      outcome.skipped.first?.reason == "neither a JPEG nor a PNG image: it begins with the bytes 68 65 6c 6c 6f")
    let small = records[0].datum
    #expect([small.channels, small.height, small.width] == [3, 4, 6] && !small.encoded)
    // Channel by channel where the image has pixel by pixel.
    let pixels = try Image.pattern(width: 6, height: 4).pixels
    let planes: [UInt8] = (0..<3).flatMap { channel in stride(from: channel, to: pixels.count, by: 3).map { pixels[$0] } }
    #expect(small.data == planes)
  }

  @Test("an encoded record is the file itself where kind, channels and size are the wanted ones")
  func encoded() throws {
    let photos = try Photos()
    let list = "a cat.jpg 0\ngray.jpeg 1\nsmall.png 2\n"
    let own = try photos.convert(list) { ($0.isEncoded, $0.checksSize) = (true, false) }.records.map(\.datum)
    #expect(own.allSatisfy { $0.encoded && $0.channels == 0 })
    #expect(own[0].data == photos.color && own[2].data == photos.png)
    #expect(try ImageDecoder.decode(own[1].data, source: "gray", as: .asStored).channels == 3)
    let gray = try photos.convert(list, to: "gray") { ($0.isEncoded, $0.isGray) = (true, true) }.records.map(\.datum)
    #expect(gray[1].data == photos.gray)
    #expect(try ImageDecoder.decode(gray[0].data, source: "color", as: .asStored).channels == 1)
    let png = try photos.convert(list, to: "png") { ($0.isEncoded, $0.encodeType) = (true, .png) }.records.map(\.datum)
    #expect(png[2].data == photos.png)
    #expect(
      try ImageDecoder.decode(png[0].data, source: "png") == ImageDecoder.decode(photos.color, source: "jpeg"))
    let resized = try photos.convert(list, to: "resized") { ($0.isEncoded, $0.size) = (true, (5, 7)) }.records.map(\.datum)
    for datum in resized {
      let image = try ImageDecoder.decode(datum.data, source: "resized")
      #expect(image.height == 5 && image.width == 7)
    }
  }

  @Test("the check of sizes looks at pictures, encoded or not, and names both", arguments: [false, true])
  func checkedSizes(isEncoded: Bool) throws {
    let photos = try Photos()
    let error = #expect(throws: DataFileError.self) {
      try photos.convert("a cat.jpg 0\ngray.jpeg 0\nsmall.png 1\n") { ($0.checksSize, $0.isEncoded) = (true, isEncoded) }
    }
    #expect(
      error?.description == "\(photos.directory.file("small.png")): the picture is 3x4x6, that of "
        + "\(photos.directory.file("a cat.jpg")) 3x8x12; all must have one size")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: photos.directory.path).allSatisfy {
        !$0.hasPrefix("db.") || $0 == "db.txt"
      })
    let same = try photos.convert("a cat.jpg 0\ngray.jpeg 0\n", to: "same") { ($0.checksSize, $0.isEncoded) = (true, isEncoded) }
    #expect(same.outcome.written == 2)
  }

  @Test("a name too long for a key is named")
  func longName() throws {
    let photos = try Photos()
    let name = String(repeating: "./", count: 250) + "small.png"
    let error = #expect(throws: DataFileError.self) { try photos.convert("\(name) 1\n") }
    #expect(
      error?.message
        == "its name makes a key of 518 bytes, LMDB takes 511; use a shorter name in the list, with more of the path in "
        + "the root")
  }

  @Test("a shuffle keeps every image and depends on its seed alone")
  func shuffle() throws {
    let photos = try Photos()
    let lines = (0..<40).map { "\($0 % 2 == 0 ? "small.png" : "gray.jpeg") \($0)\n" }.joined()
    let orders = try [7, 7, 8].enumerated().map { index, seed in
      try photos.convert(lines, to: "db\(index)") { $0.shuffleSeed = UInt64(seed) }.records.map(\.datum.label)
    }
    #expect(orders[0] == orders[1] && orders[0] != orders[2] && orders[0] != Array(0..<40))
    #expect(orders.allSatisfy { $0.sorted() == Array(0..<40) })
  }

  @Test(
    "lists that are none are refused with the line",
    arguments: [
      ("small.png\n", "list.txt:1: a line has a path and a label, which is a number, behind it; this one is \"small.png\""),
      (
        "small.png 1\nsmall.png one\n",
        "list.txt:2: a line has a path and a label, which is a number, behind it; this one is \"small.png one\""
      ), ("small.png 3000000000\n", "list.txt:1: a record's label is a whole number; this one is not"),
      ("small.png 1.5\n", "list.txt:1: a record's label is a whole number; this one is not"),
      ("\n", "list.txt: the list names no picture"), ("gone.jpg 1\ntext.jpg 2\n", "list: none of the 2 images could be read"),
    ])
  func wrongLists(lines: String, words: String) throws {
    let photos = try Photos()
    let error = #expect(throws: DataFileError.self) { try photos.convert(lines, to: "list") }
    #expect(error?.description == photos.directory.file(words))
  }

  @Test("a wish to stop leaves nothing behind")
  func stopped() throws {
    let photos = try Photos()
    let list = try photos.directory.write(Array("small.png 1\n".utf8), to: "list.txt")
    #expect(throws: CancellationError.self) {
      try DatabaseConversion.images(
        root: photos.directory.path, list: list, into: photos.directory.file("db"), options: Options(), shouldStop: { true })
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: photos.directory.path).allSatisfy { !$0.hasPrefix("db") })
  }

  @Test("LevelDB gets the same records as LMDB")
  func levelDB() throws {
    let photos = try Photos()
    let list = try photos.directory.write(Array("small.png 1\nsmall.png 5\n".utf8), to: "list.txt")
    for kind in DatabaseKind.allCases {
      var options = Options()
      options.backend = kind
      _ = try DatabaseConversion.images(
        root: photos.directory.path, list: list, into: photos.directory.file("\(kind)"), options: options)
    }
    let (first, second) = (try records(of: photos.directory.file("lmdb")), try records(of: photos.directory.file("leveldb")))
    #expect(first.map(\.key) == second.map(\.key) && first.map(\.datum) == second.map(\.datum))
    #expect(first.count == 2)
  }

  @Test(
    "the databases that Caffe's own tool made of the same files",
    .enabled(if: SharedData.isPresent, "the conformance data lies beside the checkout"),
    arguments: [
      ("cifar_lmdb", "list.txt"), ("cifar_encoded_lmdb", "list.txt"), ("cifar_gray_lmdb", "list.txt"),
      ("mixed_lmdb", "mixed.txt"),
    ])
  func caffe(database: String, list: String) throws {
    let directory = try TemporaryDirectory()
    let expected = try records(of: "\(SharedData.conformance)/\(database)")
    let first = try #require(expected.first).datum
    var options = Options()
    options.isEncoded = first.encoded
    options.encodeType = first.encoded ? .png : nil
    options.isGray = first.channels == 1
    options.size = first.encoded ? nil : (first.height, first.width)
    _ = try DatabaseConversion.images(
      root: "\(SharedData.conformance)/images", list: "\(SharedData.conformance)/\(list)", into: directory.file("db"),
      options: options)
    let actual = try records(of: directory.file("db"))
    #expect(actual.map(\.key) == expected.map(\.key))
    for (ours, theirs) in zip(actual.map(\.datum), expected.map(\.datum)) {
      #expect(ours.label == theirs.label && ours.encoded == theirs.encoded)
      #expect(ours.channels == theirs.channels && ours.height == theirs.height && ours.width == theirs.width)
      try expectSamePixels(ours, theirs)
    }
  }

  /// Encoded pictures are compared decoded: two libraries may pack the same pixels differently.
  private func expectSamePixels(_ ours: Datum, _ theirs: Datum) throws {
    let pixels = try [ours, theirs].map { $0.encoded ? try ImageDecoder.decode($0.data, source: "record").pixels : $0.data }
    let worst = zip(pixels[0], pixels[1]).reduce(0) { max($0, abs(Int($1.0) - Int($1.1))) }
    #expect(pixels[0].count == pixels[1].count && worst <= 1, "\(worst)")
  }
}

/// All records of a database in the order of their keys.
private func records(of path: String) throws -> [(key: String, datum: Datum)] {
  var (rest, records) = (try DatabaseKind.open(path).makeWalk(), [(key: String, datum: Datum)]())
  while let record = try rest.next() {
    let name = String(decoding: record.key, as: UTF8.self)
    records.append((name, try record.withValue { try Datum(bytes: $0, name: name) }))
  }
  return records
}
