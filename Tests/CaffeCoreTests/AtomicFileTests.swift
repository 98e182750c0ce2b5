import CaffeCore
import Foundation
import Testing

@Suite("An atomic file")
final class AtomicFileTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "caffe-core-\(UUID().uuidString)").path
  private var path: String { folder + "/out.bin" }
  private var temporary: String { path + ".\(getpid()).partial" }
  private var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? [] }

  init() throws { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func read() throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path))) }

  @Test("is not there before the commit and whole after it")
  func commit() throws {
    let file = try AtomicFile(path: path)
    try file.write([1, 2])
    try file.write([])
    try file.write([3])
    #expect(file.offset == 3)
    #expect(!contents.contains("out.bin"))
    try file.commit()
    #expect(try read() == [1, 2, 3])
    #expect(contents == ["out.bin"])
  }

  @Test("replaces what was there")
  func replaces() throws {
    try AtomicFile.write([UInt8](repeating: 7, count: 3 << 20), to: path)
    try AtomicFile.write([9], to: path)
    #expect(try read() == [9])
  }

  @Test("that is abandoned or dropped leaves what was there and no litter")
  func abandon() throws {
    try AtomicFile.write([1], to: path)
    let file = try AtomicFile(path: path)
    try file.write([2])
    file.abandon()
    file.abandon()
    do {
      let dropped = try AtomicFile(path: path)
      try dropped.write([3])
    }
    #expect(try read() == [1])
    #expect(contents == ["out.bin"])
  }

  @Test("in a folder that is not there says so")
  func missingFolder() {
    let error = #expect(throws: FileError.self) { try AtomicFile(path: folder + "/none/x") }
    #expect(error?.description == "\(folder)/none/x: cannot create the file: No such file or directory")
    #expect(error?.code == ENOENT)
  }

  @Test("in a folder that may not be written says so", .enabled(if: getuid() != 0, "root may write anywhere"))
  func forbiddenFolder() throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o500], ofItemAtPath: folder)
    defer { try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: folder) }
    let error = #expect(throws: FileError.self) { try AtomicFile(path: path) }
    #expect(error?.code == EACCES)
  }

  @Test("cannot take the place of a folder, and leaves no litter")
  func overFolder() throws {
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    let error = #expect(throws: FileError.self) { try AtomicFile.write([1], to: path) }
    #expect(error?.description.hasPrefix("\(path): cannot rename the finished file: ") == true)
    #expect(contents == ["out.bin"])
  }

  @Test(
    "on a full disk fails and leaves what was there",
    .enabled(if: access("/dev/full", W_OK) == 0, "this system has no /dev/full"), arguments: [10, 5 << 20])
  func fullDisk(size: Int) throws {
    try AtomicFile.write([1], to: path)
    try FileManager.default.createSymbolicLink(atPath: temporary, withDestinationPath: "/dev/full")
    let error = #expect(throws: FileError.self) { try AtomicFile.write([UInt8](repeating: 2, count: size), to: path) }
    #expect(error?.description == "\(path): cannot write: No space left on device")
    #expect(try read() == [1])
    #expect(contents == ["out.bin"])
  }
}
