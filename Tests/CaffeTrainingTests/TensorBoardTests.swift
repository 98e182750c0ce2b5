import CaffeTesting
import Foundation
import Testing

@testable import CaffeTraining

@Suite("TensorBoard files")
struct TensorBoardTests {
  /// The payloads of a file, each with its length; nil when lengths do not add up.
  private static func records(_ bytes: [UInt8]) -> [[UInt8]]? {
    var (rest, records) = (bytes[...], [[UInt8]]())
    while !rest.isEmpty {
      guard rest.count >= 16 else { return nil }
      let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
      guard rest.count >= 16 + length else { return nil }
      records.append(Array(rest.dropFirst(12).prefix(length)))
      rest = rest.dropFirst(16 + length)
    }
    return records
  }

  /// The bytes worked out by hand from TensorFlow's event.proto and summary.proto.
  @Test("hold a version and then one summary for each event")
  func content() throws {
    let folder = try TemporaryFolder()
    let board = try TensorBoardFile(folder: folder.file("a/b"), name: "host", time: 1)
    try board.write(TrainingEvent(.train, iteration: 3, loss: 0.5), time: 2)
    try board.write(TrainingEvent(.snapshot, iteration: 3, weights: "w", state: "s"), time: 2)
    let bytes = try Data(contentsOf: URL(filePath: folder.file("a/b/events.out.tfevents.1.host")))
    let records = try #require(Self.records(Array(bytes)))
    let one: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]
    let two: [UInt8] = [9, 0, 0, 0, 0, 0, 0, 0x00, 0x40]
    let value = [10, 10] + Array("train/loss".utf8) + [21, 0, 0, 0, 0x3F]
    #expect(records == [one + [26, 13] + Array("brain.Event:2".utf8), two + [16, 3, 42, 19, 10, 17] + value])
  }
}
