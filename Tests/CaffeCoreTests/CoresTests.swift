import Foundation
import Testing

@testable import CaffeCore

@Suite("The cores that compute")
struct CoresTests {
  @Test("are one at least, and no more than the machine has")
  func allowed() {
    #expect((1...Cores.online).contains(Cores.allowed))
  }

  @Test(
    "are so many as hold the time of a container",
    arguments: [
      ("200000 100000\n", 2), ("150000 100000\n", 2), ("1 100000", 1), ("max 100000\n", nil), ("", nil), ("-1 5", nil),
      ("7 0", nil),
      ("9223372036854775807 1", .max), ("a b c", nil),
    ] as [(String, Int?)])
  func quota(text: String, cores: Int?) throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-quota-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(filePath: path))
    #expect(Cores.quota(ofFile: path) == cores)
    #expect(Cores.quota(ofFile: path + ".none") == nil)
  }
}
