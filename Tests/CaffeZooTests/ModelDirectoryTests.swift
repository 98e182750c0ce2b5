import CaffeCore
import CaffeTesting
import CaffeZoo
import Foundation
import Testing

@Suite("A model's directory")
struct ModelDirectoryTests {
  @Test(
    "tells by their names what files are for",
    arguments: [
      ("README.md", ModelDirectory.Kind.readme), ("deploy.prototxt", .deploy), ("VGG_deploy.prototxt", .deploy),
      ("train_val.prototxt", .training), ("quick_solver.prototxt", .solver), ("train_solver.prototxt", .solver),
      ("net.prototxt", .prototxt), ("a.caffemodel", .weights), ("a.caffemodel.h5", .weights), ("mean.binaryproto", .mean),
      ("labels.txt", .labels), ("synset_words.txt", .labels), ("LICENSE", .licence), ("Licence.txt", .licence),
      ("COPYING", .licence),
      ("cat.JPG", .picture), ("a.py", .other), ("readme.txt", .other),
    ])
  func kinds(name: String, kind: ModelDirectory.Kind) { #expect(ModelDirectory.kind(of: name) == kind) }

  @Test("lists files, and neither folders nor hidden ones")
  func lists() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-zoo-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try FileManager.default.createDirectory(atPath: path + "/folder.prototxt", withIntermediateDirectories: true)
    for name in ["b_deploy.prototxt", "deploy.prototxt", "a\u{1B}[2J.txt", ".git", "Readme.MD"] {
      try Data("abc".utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }
    try FileManager.default.createSymbolicLink(atPath: "\(path)/gone", withDestinationPath: "nowhere")
    let directory = try ModelDirectory(path)
    #expect(directory.files.map(\.name.description) == ["Readme.MD", "b_deploy.prototxt", "deploy.prototxt"])
    #expect(directory.deploy?.name.description == "deploy.prototxt" && directory.readme?.size == 3)
    #expect(
      directory.problems.map { $0.message.replacingOccurrences(of: path, with: "DIR") }.sorted() == [
        "DIR/gone is a link that leads out of the directory; it is left out",
        "DIR: the file name \"a?[2J.txt\" holds characters that are not shown",
      ])
  }

  @Test("a file's digest is its SHA-1, SHA-256 and size")
  func digest() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-zoo-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data("abc".utf8).write(to: URL(filePath: path))
    let digest = try FileSums(contentsOf: path)
    // The examples of FIPS 180.
    #expect(digest.sha1 == "a9993e364706816aba3e25717850c26c9cd0d89d")
    #expect(digest.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(digest.size == 3)
    try Data(repeating: 0x61, count: 3_000_000).write(to: URL(filePath: path))
    #expect(try FileSums(contentsOf: path).size == 3_000_000)
    #expect(throws: FileError.self) { try FileSums(contentsOf: FileManager.default.temporaryDirectory.path) }
  }

  @Test("a readme of more than 1 MiB is not read")
  func largeReadme() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "caffe-zoo-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(repeating: 0x61, count: Readme.maximumSize + 1).write(to: URL(filePath: path))
    let error = try #require(throws: FileError.self) { try Readme(contentsOf: path) }
    #expect(error.description == "\(path): cannot read a file of more than 1048576 bytes: File too large")
    try Data(repeating: 0x0A, count: Readme.maximumSize).write(to: URL(filePath: path))
    let time = try leastTime(within: .seconds(5)) { _ = try Readme(contentsOf: path) }
    #expect(time < .seconds(5), "\(time)")
  }
}
