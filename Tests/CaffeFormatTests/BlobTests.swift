import CaffeCore
import CaffeFormat
import Foundation
import Testing

@Suite("A stored blob")
final class BlobTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-blob-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func write(_ bytes: [UInt8]) throws -> String {
    let path = "\(folder)/blob"
    try AtomicFile.write(bytes, to: path)
    return path
  }

  private static let one: [UInt8] = [0, 0, 0x80, 0x3F]
  private static let two: [UInt8] = [0, 0, 0, 0x40]
  private static let shapeTwo: [UInt8] = [0x3A, 3, 0x0A, 1, 2]
  private static let doubleOne: [UInt8] = [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
  private static let doubleTwo: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0x40]

  @Test("gives any of its numbers, also of a mapped file and over the pieces that are given back")
  func runs() throws {
    let values = (0..<700_000).map { Float($0) * 0.5 - 7 }
    let set = WeightSet(name: "w", layers: [.init(name: "ip", blobs: [BlobRecord(try Tensor([700, 1000], values: values))])])
    try set.write(path: "\(folder)/w")
    let mapped = try #require(try WeightSet.read(path: "\(folder)/w")["ip"]?.first).data
    for data in [mapped, NumberRun(values)] {
      for range in [0..<0, 0..<1, 5..<300_000, 262_144..<524_289, 699_999..<700_000, 0..<700_000] {
        let run = Tensor([range.count]) { if let base = $0.baseAddress { data.copy(range, to: base) } }
        #expect(run.values == Array(values[range]), "\(range)")
      }
    }
  }

  @Test(
    "is read from floats and doubles, packed, one by one and in pieces",
    arguments: [
      shapeTwo + [0x2A, 8] + one + two, shapeTwo + [0x2D] + one + [0x2D] + two, [0x2A, 4] + one + shapeTwo + [0x2A, 4] + two,
      [0x2D] + one + shapeTwo + [0x2A, 4] + two, shapeTwo + [0x42, 16] + doubleOne + doubleTwo,
      shapeTwo + [0x41] + doubleOne + [0x41] + doubleTwo, shapeTwo + [0x41] + doubleOne + [0x42, 8] + doubleTwo,
    ])
  func numbers(bytes: [UInt8]) throws {
    let blob = try BlobRecord.read(path: try write(bytes))
    #expect(blob.tensor == (try Tensor([2], values: [1, 2])))
    #expect(!blob.isLegacy)
    #expect(blob.diff == nil)
  }

  @Test("of one element without axes is a scalar")
  func scalar() throws {
    #expect(try BlobRecord.read(path: try write([0x3A, 0, 0x2D] + Self.one)).tensor == (try Tensor([], values: [1])))
  }

  @Test("with the four old dimensions fits parameters of fewer axes, right-aligned")
  func legacy() throws {
    let blob = try BlobRecord.read(path: try write([0x08, 1, 0x10, 1, 0x18, 1, 0x20, 2, 0x2A, 8] + Self.one + Self.two))
    #expect(blob.isLegacy)
    #expect(blob.shape == [1, 1, 1, 2])
    #expect(blob.fits([2]) && blob.fits([1, 2]) && blob.fits([1, 1, 1, 2]))
    #expect(!blob.fits([2, 1]) && !blob.fits([3]) && !blob.fits([1, 1, 1, 1, 2]) && !blob.fits([]))
  }

  @Test("with today's dimensions fits only its own shape")
  func modern() throws {
    let blob = BlobRecord(try Tensor([1, 2], values: [1, 2]))
    #expect(blob.fits([1, 2]))
    #expect(!blob.fits([2]) && !blob.fits([2, 1]))
  }

  @Test(
    "whose dimensions and values do not fit is refused",
    arguments: [
      (shapeTwo + [0x2A, 4] + one, "its shape 2 needs 2 values, the file has 1"),
      (shapeTwo, "its shape 2 needs 2 values, the file has 0"),
      ([], "its shape () needs 1 values, the file has 0"),
      (
        [0x3A, 12, 0x0A, 10] + [0x80, 0x80, 0x80, 0x80, 0x08, 0x80, 0x80, 0x80, 0x80, 0x08],
        "2147483648x2147483648 has more than 2147483647 elements"
      ),
      (
        [0x3A, 12, 0x0A, 10] + [UInt8](repeating: 0xFF, count: 9) + [1, 0x2A, 4] + one,
        "dimension -1 is negative in -1"
      ),
      ([0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0x2A, 4] + one, "dimension -1 is negative in -1x0x0x0"),
      (
        [0x08, 0x80, 0x80, 4, 0x10, 0x80, 0x80, 4, 0x18, 0x80, 0x80, 4, 0x20, 0x80, 0x80, 4],
        "65536x65536x65536x65536 has more than 2147483647 elements"
      ),
      (
        [0x3A, 35, 0x0A, 33] + [UInt8](repeating: 1, count: 33) + [0x2A, 4] + one, "a blob has at most 32 axes, this one has 33"
      ),
    ] as [([UInt8], String)])
  func refused(bytes: [UInt8], reason: String) throws {
    let path = try write(bytes)
    let error = #expect(throws: BlobError.self) { try BlobRecord.read(path: path) }
    #expect(error?.description == "\(path): \(reason)")
  }

  @Test("written as a mean image has Caffe's four dimensions and comes back")
  func mean() throws {
    let path = "\(folder)/mean"
    try BlobRecord(try Tensor([3, 1, 2], values: [1, 2, 3, 4, 5, 6])).writeMean(path: path)
    let blob = try BlobRecord.read(path: path)
    #expect(blob.isLegacy)
    #expect(blob.shape == [1, 3, 1, 2])
    #expect(blob.tensor.values == [1, 2, 3, 4, 5, 6])
  }

  @Test("of several megabytes is copied whole, though in pieces", arguments: [4, 8])
  func large(elementBytes: Int) throws {
    let count = 300_001
    let numbers = (0..<count).map { Float($0) - 7 }
    let stored = numbers.flatMap { number in
      elementBytes == 4
        ? withUnsafeBytes(of: number.bitPattern.littleEndian, Array.init)
        : withUnsafeBytes(of: Double(number).bitPattern.littleEndian, Array.init)
    }
    let shape = Self.varint(count)
    let head = [0x3A, UInt8(shape.count + 2), 0x0A, UInt8(shape.count)] + shape
    let path = try write(head + [elementBytes == 4 ? 0x2A : 0x42] + Self.varint(stored.count) + stored)
    #expect(try BlobRecord.read(path: path).tensor.values == numbers)
  }

  private static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 127 | 128)] + varint(value >> 7)
  }

  @Test("may be of no elements")
  func empty() throws {
    #expect(try BlobRecord.read(path: try write([0x3A, 3, 0x0A, 1, 0, 0x2A, 0])).shape == [0])
  }
}

@Suite("A datum")
struct DatumTests {
  @Test("keeps its fields on the wire")
  func roundTrip() throws {
    var datum = Datum()
    (datum.channels, datum.height, datum.width, datum.label, datum.encoded) = (3, 2, 1, -5, true)
    datum.data = [0, 255, 1, 2, 3, 4]
    datum.floatData = [1.5, -2]
    let again = try datum.bytes.withUnsafeBytes { try Datum(bytes: $0, name: "key") }
    #expect(again == datum)
    #expect(Datum().bytes.isEmpty)
  }

  @Test("that is damaged is refused under its own name")
  func damaged() {
    let error = #expect(throws: WireError.self) {
      try ([0x22, 9] as [UInt8]).withUnsafeBytes { try Datum(bytes: $0, name: "db: key 7") }
    }
    #expect(error?.description.hasPrefix("db: key 7: byte 1: a length of 9 bytes") == true)
  }
}
