import CaffeData
import Testing

@Suite("Files of MNIST and CIFAR-10")
struct DataFileTests {
  /// The gzip form of 60 bytes `A`.
  private static let packed: [UInt8] = [
    31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 115, 116, 36, 31, 0, 0, 67, 240, 238, 48, 60, 0, 0, 0,
  ]

  @Test("IDX images and labels")
  func idx() throws {
    let images = try IDXFile([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4], rank: 3, source: "images")
    #expect(images.dims == [1, 2, 2])
    #expect(images.bytes == [1, 2, 3, 4])
  }

  @Test(
    "IDX files that lie are refused",
    arguments: [
      [], [0, 0, 8], [1, 0, 8, 1, 0, 0, 0, 1, 5], [0, 0, 9, 1, 0, 0, 0, 1, 5], [0, 0, 8, 3, 0, 0, 0, 1, 5], [0, 0, 8, 1, 0, 0],
      [0, 0, 8, 1, 0, 0, 0, 2, 5], [0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF, 5], [0, 0, 8, 1, 0, 0, 0, 1, 5, 6],
    ] as [[UInt8]])
  func badIDX(content: [UInt8]) {
    #expect(throws: DataFileError.self) { try IDXFile(content, rank: 1, source: "labels") }
  }

  @Test("CIFAR records")
  func cifar() throws {
    let record = [UInt8(7)] + (0..<3072).map { UInt8(truncatingIfNeeded: $0) }
    let file = try CIFARBinary(record + record, source: "data_batch_1.bin")
    #expect(file.count == 2)
    #expect(file.label(1) == 7)
    #expect(file.pixels(1).elementsEqual(record.dropFirst()))
    #expect(throws: DataFileError.self) { try CIFARBinary(record.dropLast(), source: "short") }
    #expect(throws: DataFileError.self) { try CIFARBinary([10] + record.dropFirst(), source: "label") }
    #expect(throws: DataFileError.self) { try CIFARBinary([], source: "empty") }
  }

  @Test("gzip: cuts, damage and a limit on what comes out")
  func gzip() throws {
    let plain = try Gzip.unpack(Self.packed, limit: 60, source: "a.gz")
    #expect(plain == [UInt8](repeating: 65, count: 60))
    #expect(throws: DataFileError.self) { try Gzip.unpack(Self.packed, limit: 59, source: "bomb.gz") }
    for length in 2..<Self.packed.count {
      #expect(throws: DataFileError.self) { try Gzip.unpack(Array(Self.packed[..<length]), limit: 60, source: "cut.gz") }
    }
  }

  @Test("MNIST is read from its published files", .enabled(if: SharedData.isPresent))
  func mnist() throws {
    let labels = try IDXFile(path: SharedData.root + "/data/mnist/t10k-labels-idx1-ubyte.gz", rank: 1)
    let images = try IDXFile(path: SharedData.root + "/data/mnist/t10k-images-idx3-ubyte.gz", rank: 3)
    #expect(labels.dims == [10000])
    #expect(labels.bytes[0] == 7)
    #expect(images.dims == [10000, 28, 28])
    #expect(throws: DataFileError.self) {
      try IDXFile(path: SharedData.root + "/data/mnist/t10k-images-idx3-ubyte.gz", rank: 1)
    }
  }
}
