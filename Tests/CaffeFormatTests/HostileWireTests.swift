import CaffeCore
import CaffeFormat
import Foundation
import Testing

@Suite("Hostile bytes")
struct HostileWireTests {
  private static func failure(_ bytes: [UInt8], as schema: MessageSchema = Everything.schema) -> WireError? {
    #expect(throws: WireError.self) { try WireRoundTripTests.decode(bytes, as: schema) }
  }

  @Test(
    "end in an error at their place",
    arguments: [
      ([0x08], "byte 1: the file ends inside a number"), ([0x08, 0x80], "byte 1: the file ends inside a number"),
      ([0x08] + [UInt8](repeating: 0x80, count: 10) + [1], "byte 1: a number is longer than 64 bits"),
      ([0x08] + [UInt8](repeating: 0xFF, count: 9) + [2], "byte 1: a number is longer than 64 bits"),
      ([0x42, 5, 65], "byte 1: a length of 5 bytes, but only 1 are left; the file is cut off or damaged"),
      (
        [0x42] + [UInt8](repeating: 0xFF, count: 9) + [1],
        "byte 1: a length of 18446744073709551615 bytes, but only 0 are left; the file is cut off or damaged"
      ),
      ([0x5A, 5, 0x12, 9, 65, 65, 65, 8, 1], "byte 3: a length of 9 bytes, but only 3 are left; the file is cut off or damaged"),
      ([0x00, 1], "byte 0: field number 0 cannot be"), ([0x2D, 0, 0, 0], "byte 1: the file ends inside a number"),
      ([0x31, 0, 0, 0, 0], "byte 1: the file ends inside a number"),
      ([0x80, 0x80, 0x80, 0x80, 0x10, 1], "byte 0: field number 536870912 cannot be"),
      ([0x0A, 1, 1], "byte 1: field \"i\" (int32) cannot have wire type 2"),
      ([0x0D, 1, 0, 0, 0], "byte 1: field \"i\" (int32) cannot have wire type 5"),
      ([0x40, 1], "byte 1: field \"s\" (string) cannot have wire type 0"),
      ([0x28, 1], "byte 1: field \"f\" (float) cannot have wire type 0"),
      ([0x58, 1], "byte 1: field \"m\" (Inner) cannot have wire type 0"),
      ([0x0B], "byte 1: field \"i\" (int32) cannot have wire type 3"),
      ([0xF3, 0x7F], "byte 0: wire type 3 is not used by Caffe; this is no protobuf file of Caffe's"),
      ([0xF7, 0x7F], "byte 0: wire type 7 is not used by Caffe; this is no protobuf file of Caffe's"),
      ([0x6A, 3, 0, 0, 0], "byte 2: a run of 3 bytes is no whole number of floats"),
      ([0x72, 4, 0, 0, 0, 0], "byte 2: a run of 4 bytes is no whole number of doubles"),
      ([0x62, 1, 0x80], "byte 2: the file ends inside a number"),
    ] as [([UInt8], String)])
  func positioned(bytes: [UInt8], message: String) {
    #expect(Self.failure(bytes)?.description == "bytes: \(message)")
  }

  @Test("that are cut off anywhere are an error or a shorter message, never a crash")
  func truncation() throws {
    var maker = RandomMessage(seed: 11)
    for _ in 0..<5 {
      let bytes = WireWriter.bytes(maker.make(Everything.schema))
      var whole = 0
      for length in 0..<bytes.count {
        do {
          _ = try WireRoundTripTests.decode(Array(bytes[..<length]))
          whole += 1
        } catch let error as WireError {
          #expect((0...length).contains(error.offset))
        }
      }
      #expect(whole <= Everything.schema.fields.count * 3)  // only between two values can a cut go unseen
    }
  }

  @Test("that nest deeper than any net are refused")
  func depthBomb() throws {
    let chain = (0..<70).reduce(MessageSchema("Leaf", [])) { MessageSchema("M\($1)", [FieldSchema("m", 1, .message($0))]) }
    func nested(_ levels: Int) -> [UInt8] { (0..<levels).reduce([]) { body, _ in [0x0A, UInt8(body.count)] + body } }
    _ = try WireRoundTripTests.decode(nested(50), as: chain)
    #expect(Self.failure(nested(51), as: chain)?.description == "bytes: byte 102: messages nest too deeply")
  }

  @Test("of a hundred thousand opened groups are refused")
  func groups() {
    #expect(Self.failure([UInt8](repeating: 0x5B, count: 100_000))?.message == "field \"m\" (Inner) cannot have wire type 3")
  }

  @Test("of more than a million tiny messages are refused before they fill the memory")
  func manyEntries() throws {
    let before = Self.peakMegabytes()
    let bytes = (0..<4_000_000).flatMap { _ in [0x7A, 0] as [UInt8] }
    #expect(Self.failure(bytes)?.message == "more than 1000000 fields")
    #expect(
      Self.failure([0x62, 0x80, 0x89, 0x7A] + [UInt8](repeating: 1, count: 2_000_000))?.message == "more than 1000000 fields")
    #expect(Self.peakMegabytes() - before < 800)
  }

  @Test("of a million floats one by one are one run")
  func manyFloats() throws {
    let bytes = (0..<2_000_000).flatMap { _ in [0x6D, 0, 0, 0x80, 0x3F] as [UInt8] }
    let message = try WireRoundTripTests.decode(bytes)
    #expect(message.entries.count == 1)
    #expect(message.last("fs")?.value.numbers?.count == 2_000_000)
  }

  /// The most memory this process has had, in MB; 0 where the system does not tell in Linux' way.
  private static func peakMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
  }
}
