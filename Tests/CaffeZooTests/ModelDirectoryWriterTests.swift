import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import Testing

@Suite("A model's directory that is written")
struct ModelDirectoryWriterTests {
  private func model(_ files: [String: String]) throws -> FetchedModel {
    var checked: [FileName: [UInt8]] = [:]
    for (name, text) in files { checked[try FileName(name, in: "test")] = Array(text.utf8) }
    return FetchedModel(files: checked, source: .bundled("test"))
  }

  private func names(_ path: String) throws -> [String] { try Folder.names(in: path) }

  @Test("is there whole, and replaces nothing unless it is told to")
  func writes() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("net")
    try ModelDirectoryWriter(try model(["readme.md": "r"]), at: path, replaces: false).commit()
    #expect(try names(path) == ["readme.md"] && names(folder.path) == ["net"])
    #expect(throws: ZooError("\(path) is there already", advice: "choose another directory, or replace it with --force")) {
      try ModelDirectoryWriter(try model(["readme.md": "s"]), at: path, replaces: false)
    }
  }

  @Test("that replaces another keeps what was not published with it")
  func keeps() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("net")
    try Folder.make(path)
    for name in ["readme.md", "net.caffemodel", "notes.txt"] { try AtomicFile.write([1], to: "\(path)/\(name)") }
    try ModelDirectoryWriter(try model(["readme.md": "new", "a": "b"]), at: path, replaces: true).commit()
    #expect(try names(path) == ["a", "net.caffemodel", "notes.txt", "readme.md"])
    #expect(try FileBytes.read("\(path)/readme.md", limit: 10) == Array("new".utf8))
    #expect(try names(folder.path) == ["net"])
  }

  @Test("replaces no directory that holds directories or links")
  func refuses() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("project")
    try Folder.make("\(path)/sources")
    try AtomicFile.write([1], to: "\(path)/sources/precious")
    let error = try #require(throws: ZooError.self) {
      try ModelDirectoryWriter(try model(["readme.md": "r"]), at: path, replaces: true)
    }
    #expect(error.message == "\(path) holds sources, which is no plain file, so it is not replaced")
    #expect(try FileBytes.read("\(path)/sources/precious", limit: 10) == [1])
    #expect(try names(folder.path) == ["project"])
  }
}
