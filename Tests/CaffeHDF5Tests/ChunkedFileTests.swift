import CaffeCore
import CaffeHDF5
import Foundation
import Testing

@Suite("Chunked HDF5 datasets")
struct ChunkedFileTests {
  @Test("are read in the old and the new format", arguments: [true, false])
  func values(isOld: Bool) throws {
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: directory.write(Data(isOld ? ChunkedFile.early : ChunkedFile.new), to: "chunked.h5"))
    #expect(try reader.tensor("data/a/0") == Tensor([4, 3], values: (0..<12).map(Float.init)))
    #expect(try reader.tensor("data/b/0") == Tensor([3, 3], values: [-300, -300, -7, -300, -300, -7, -7, -7, -7]))
    #expect(try reader.tensor("data/c/0") == Tensor([5], values: [0, 0.25, 0.5, 0.75, 1]))
    #expect(try reader.tensor("data/d/0") == Tensor([2, 2], values: [9, 9, 0x1p40, 3]))
    #expect(try reader.integer("iter") == -(1 << 40) - 1)
  }

  @Test("are read row by row and in stretches as whole", arguments: [true, false])
  func rows(isOld: Bool) throws {
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: directory.write(Data(isOld ? ChunkedFile.early : ChunkedFile.new), to: "chunked.h5"))
    for name in ["data/a/0", "data/b/0", "data/c/0", "data/d/0"] {
      try expectStretches(of: name, in: reader)
    }
  }

  @Test("and plain ones are refused where there are no such rows")
  func noRows() throws {
    let directory = try TemporaryDirectory()
    let writer = try HDF5Writer(path: directory.file("plain.h5"))
    try writer.write(Tensor([5, 2, 3], values: (0..<30).map(Float.init)), to: "plain")
    try writer.commit()
    let reader = try HDF5Reader(path: directory.file("plain.h5"))
    try expectStretches(of: "plain", in: reader)
    for rows in [-1..<2, 3..<6, 7..<9] {
      #expect(throws: HDF5Error.self) { try reader.tensor("plain", rows: rows) }
    }
  }

  /// Every stretch of rows is what the whole dataset has there.
  private func expectStretches(of name: String, in reader: HDF5Reader) throws {
    let whole = try reader.tensor(name)
    let size = whole.shape.count(from: 1)
    for first in 0..<whole.shape[0] {
      for end in first + 1...whole.shape[0] {
        let part = try reader.tensor(name, rows: first..<end)
        #expect(part.values == Array(whole.values[first * size..<end * size]), "\(name) \(first)..<\(end)")
        #expect(part.shape == whole.shape.replacing(axis: 0, with: end - first))
      }
    }
  }

  /// Bytes put over those of a sound file, and the dataset that must then be refused; an empty name is the file's list.
  struct Damage: CustomTestStringConvertible, Sendable {
    let testDescription: String
    var file = ChunkedFile.early
    let patches: [(offset: Int, bytes: [UInt8])]
    let refused: String
    let message: String
  }

  private static let unpacksShort: [UInt8] = [0x78, 0x9C, 0xAB, 0x00, 0x00, 0x00, 0x79, 0x00, 0x79]

  static let damages = [
    Damage(
      testDescription: "an index that leads back to itself", patches: [(3469, [1]), (3520, [0x88, 0x0D])], refused: "data/a/0",
      message: "its index of chunks is damaged"),
    Damage(
      testDescription: "a group that leads back to itself", patches: [(141, [1]), (168, [136, 0])], refused: "",
      message: "the header of \"/\" is damaged"),
    Damage(
      testDescription: "chunks without axes", patches: [(12_898, [0])], refused: "data/c/0",
      message: "the header of \"/data/c/0\" is damaged"),
    Damage(
      testDescription: "a chunk larger than the file", patches: [(3488, [0xFF, 0xFF, 0xFF, 0x7F])], refused: "data/a/0",
      message: "a chunk lies outside the file, which is damaged"),
    Damage(
      testDescription: "a chunk that unpacks to less", patches: [(13_376, [9]), (6165, unpacksShort)], refused: "data/c/0",
      message: "a chunk's gzip data does not unpack to its 24 bytes; the file is damaged"),
    Damage(
      testDescription: "a chunk with a wrong checksum", patches: [(6080 + 21, [0])], refused: "data/a/0",
      message: "a chunk's checksum is wrong; the file is damaged"),
    Damage(
      testDescription: "a chunk stored twice", patches: [(3488 + 40 + 8, [0, 0, 0, 0, 0, 0, 0, 0, 0])], refused: "data/a/0",
      message: "a chunk is stored twice; the file is damaged"),
    Damage(
      testDescription: "a heap of names with a wrong checksum", file: ChunkedFile.new, patches: [(9548, [158])], refused: "",
      message: "cannot list the group"),
  ]

  @Test("damaged in ways that end libhdf5 are refused", arguments: damages)
  func damaged(_ damage: Damage) throws {
    var bytes = damage.file
    for patch in damage.patches { bytes.replaceSubrange(patch.offset..<patch.offset + patch.bytes.count, with: patch.bytes) }
    let directory = try TemporaryDirectory()
    let reader = try HDF5Reader(path: directory.write(Data(bytes), to: "damaged.h5"))
    let error = #expect(throws: HDF5Error.self) {
      if damage.refused.isEmpty { _ = try reader.datasets(under: "data") } else { _ = try reader.tensor(damage.refused) }
    }
    #expect(error?.message.hasPrefix(damage.message) == true, "\(error?.description ?? "no error")")
  }
}
