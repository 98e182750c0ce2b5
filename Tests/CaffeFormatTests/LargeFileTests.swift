import CaffeCore
import CaffeFormat
import Foundation
import Testing

@Suite("A caffemodel above 2 GB")
final class LargeFileTests {
  private static let count = (1 << 29) + 16
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-large-\(UUID().uuidString)").path

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// A number as protobuf writes it.
  private static func varint(_ value: Int) -> [UInt8] {
    value < 128 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + varint(value >> 7)
  }

  /// A field that holds bytes: its key and its length.
  private static func head(_ field: Int, _ count: Int) -> [UInt8] { varint(field << 3 | 2) + varint(count) }

  /// What stands before the values of the only blob of a layer "big".
  private static func header() -> [UInt8] {
    let shape = head(1, varint(count).count) + varint(count)
    let beforeValues = head(7, shape.count) + shape + head(5, count * 4)
    let name = head(1, 3) + Array("big".utf8)
    let blob = beforeValues.count + count * 4
    let layer = name.count + head(7, blob).count + blob
    return head(100, layer) + name + head(7, blob) + beforeValues
  }

  /// Writes the header, a hole that takes no disk, and the first and last value.
  private func write(cutting missing: Int = 0) throws -> String {
    let path = "\(folder)/large.caffemodel"
    let header = Self.header()
    try Data(header + [0, 0, 0x80, 0x3F]).write(to: URL(filePath: path))
    let handle = try #require(FileHandle(forUpdatingAtPath: path))
    let end = UInt64(header.count + Self.count * 4)
    try handle.seek(toOffset: end - 4)
    try handle.write(contentsOf: [0, 0, 0, 0x40] as [UInt8])
    try handle.truncate(atOffset: end - UInt64(missing))
    try handle.close()
    return path
  }

  @Test("is read without being copied")
  func whole() throws {
    let path = try write()
    let before = Self.residentBytes()
    let weights = try WeightSet.read(path: path)
    let blob = try #require(weights["big"]?.first)
    #expect(blob.shape == [Self.count])
    blob.data.withBytes { bytes in
      #expect(bytes.count == Self.count * 4)
      #expect(bytes.loadUnaligned(fromByteOffset: 0, as: Float.self) == 1)
      #expect(bytes.loadUnaligned(fromByteOffset: bytes.count - 4, as: Float.self) == 2)
    }
    #expect(Self.residentBytes() - before < 256 << 20)
  }

  @Test("that was cut short is refused", arguments: [1, 4, 1 << 30, 2 << 30])
  func truncated(missing: Int) throws {
    let path = try write(cutting: missing)
    let error = #expect(throws: WireError.self) { try WeightSet.read(path: path) }
    #expect(error?.description.hasPrefix(path) == true)
  }

  /// How much memory the process holds.
  private static func residentBytes() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * Int(getpagesize())
  }
}
